// Keeps the page: once it was loaded, no network is needed. VERSION changes with any of its files.

const VERSION = "{version}";
const FILES = "{files}";
const OURS = `gluon_seq2seq ${registration.scope} `;

addEventListener("install", (event) => event.waitUntil(kept()));
addEventListener("activate", (event) => event.waitUntil(alone()));
addEventListener("fetch", (event) => {
  if (event.request.method === "GET") event.respondWith(found(event.request));
});

async function kept() {
  const cache = await caches.open(OURS + VERSION);
  await cache.addAll(FILES.map((path) => new Request(path, { cache: "no-cache" })));
  await skipWaiting();
}

async function alone() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(OURS) && name !== OURS + VERSION).map((name) => caches.delete(name)));
  await clients.claim();
}

async function found(request) {
  const cache = await caches.open(OURS + VERSION);
  return (await cache.match(request, { ignoreSearch: true })) ?? fetch(request);
}
