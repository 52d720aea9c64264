// How the page asks: the one file that knows of a server.

export class Trouble extends Error {
  constructor(status, message) {
    super(message);
    this.status = status; // of HTTP; 0 where there was no answer
  }
}

export const models = () => ask("api/models");
export const translate = (fields) => ask("api/translate", fields);
export const beam = (fields) => ask("api/beam", fields);

async function ask(path, fields) {
  const post = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(fields) };
  let response, found;
  try {
    response = await fetch(path, fields && post);
    found = await response.json();
  } catch (error) {
    throw new Trouble(response ? response.status : 0, String(error.message));
  }
  if (!response.ok) throw new Trouble(response.status, found.error);
  return found;
}
