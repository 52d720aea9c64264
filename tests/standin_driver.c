/* A stand-in for NVIDIA's driver, libcuda.so.1, and for NVRTC: it knows the GPUs that the environment
 * names, and fails as it says. Of the driver it has what gluon_seq2seq/gpu.py asks, with the numbers
 * of cuda.h, and the names that MXNet is linked to.
 *
 *   STANDIN_GPUS    "8.9 NVIDIA RTX 4090;9.0 NVIDIA H100"
 *   STANDIN_DRIVER  the newest CUDA that it knows, 12040 for 12.4
 *   STANDIN_INIT    the error of cuInit, a number
 *   STANDIN_OPEN    the error of a device that is opened, a number, or "abort", or "wait"
 *   STANDIN_NVRTC   "11.7"
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *setting(const char *name) {
    const char *value = getenv(name);
    return value ? value : "";
}

/* Where GPU number i begins in STANDIN_GPUS, or NULL. */
static const char *gpu(int i) {
    const char *place = setting("STANDIN_GPUS");
    while (i-- > 0 && place) {
        place = strchr(place, ';');
        place = place ? place + 1 : NULL;
    }
    return place && *place ? place : NULL;
}

int cuInit(unsigned flags) {
    int error = atoi(setting("STANDIN_INIT"));
    return error ? error : gpu(0) ? 0 : 100;
}

int cuDriverGetVersion(int *version) {
    *version = atoi(setting("STANDIN_DRIVER"));
    return 0;
}

int cuDeviceGetCount(int *count) {
    for (*count = 0; gpu(*count); ++*count) {
    }
    return 0;
}

int cuDeviceGet(int *device, int i) {
    *device = i;
    return gpu(i) ? 0 : 101;
}

int cuDeviceGetName(char *name, int size, int device) {
    const char *begin = strchr(gpu(device), ' ') + 1;
    snprintf(name, size, "%.*s", (int)strcspn(begin, ";"), begin);
    return 0;
}

int cuDeviceGetAttribute(int *value, int what, int device) {
    int capability[2];
    sscanf(gpu(device), "%d.%d", &capability[0], &capability[1]);
    if (what != 75 && what != 76) return 1;
    *value = capability[what - 75];
    return 0;
}

int cuDevicePrimaryCtxRetain(void **context, int device) {
    const char *how = setting("STANDIN_OPEN");
    if (strcmp(how, "abort") == 0) abort();
    if (strcmp(how, "wait") == 0) sleep(600);
    *context = context;
    return atoi(how);
}

int cuDevicePrimaryCtxRelease_v2(int device) { return 0; }

int cuGetErrorString(int error, const char **text) {
    *text = error == 2     ? "out of memory"
            : error == 46  ? "CUDA-capable device(s) is/are busy or unavailable"
            : error == 100 ? "no CUDA-capable device is detected"
            : error == 803 ? "system has unsupported display driver / cuda driver combination"
                           : NULL;
    return *text ? 0 : 1;
}

int nvrtcVersion(int *major, int *minor) {
    return sscanf(setting("STANDIN_NVRTC"), "%d.%d", major, minor) == 2 ? 0 : 1;
}

#define NEVER(name) \
    int name(void) { return 100; }
NEVER(cuGraphKernelNodeGetParams)
NEVER(cuGraphNodeGetType)
NEVER(cuLaunchKernel)
NEVER(cuModuleGetFunction)
NEVER(cuModuleLoadData)
NEVER(cuModuleLoadDataEx)
NEVER(cuModuleUnload)
