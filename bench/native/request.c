#include "request.h"

#include <stdio.h>
#include <string.h>

static const char body[] =
    "{\"model\":\"claude-sonnet-4-5\",\"max_tokens\":1024,\"temperature\":0.5,\"system\":\"You are a helpful assistant.\","
    "\"messages\":[{\"role\":\"user\",\"content\":\"Write one sentence about proxies.\"},{\"role\":\"assistant\",\"content\":"
    "\"A proxy stands between.\"},{\"role\":\"user\",\"content\":\"And one about benchmarks that tell the truth, please.\"}],"
    "\"metadata\":{\"user_id\":\"bench\"}}";

void request_build(struct request *request, const char *host, bool absolute, const char *mode, long long upload) {
  int n = snprintf(request->bytes, sizeof request->bytes,
                   "POST %s%s/v1/messages HTTP/1.1\r\n"
                   "host: %s\r\n"
                   "accept: application/json\r\n"
                   "content-type: %s\r\n"
                   "user-agent: Anthropic/JS 1.12.0\r\n"
                   "x-api-key: sk-ant-bench-not-a-key\r\n"
                   "anthropic-version: 2023-06-01\r\n"
                   "x-stainless-lang: js\r\n"
                   "x-stainless-package-version: 1.12.0\r\n"
                   "x-stainless-os: Linux\r\n"
                   "x-stainless-arch: x64\r\n"
                   "x-stainless-runtime: node\r\n"
                   "x-stainless-runtime-version: v20.20.2\r\n"
                   "x-stainless-retry-count: 0\r\n"
                   "x-stainless-timeout: 600\r\n"
                   "%s%s%s"
                   "content-length: %lld\r\n\r\n",
                   absolute ? "http://" : "", absolute ? host : "", host,
                   upload ? "application/octet-stream" : "application/json", mode ? "x-bench: " : "", mode ? mode : "",
                   mode ? "\r\n" : "", upload ? upload : (long long)sizeof body - 1);
  request->size = (size_t)n;
  request->fill = upload;
  if (!upload) {
    memcpy(request->bytes + n, body, sizeof body - 1);
    request->size += sizeof body - 1;
  }
}
