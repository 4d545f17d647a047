#include <stdlib.h>
#include <string.h>

#include "load.h"

struct options options = {.connections = 16, .expect = 200};

void options_parse(int argc, char **argv) {
  static const char *forms[] = {"connect", "absolute", "origin", "tls", "plain"};
  for (int i = 1; i + 1 < argc; i += 2) {
    const char *name = argv[i], *value = argv[i + 1];
    if (strcmp(name, "--form") == 0) {
      int form = 0;
      while (form < 5 && strcmp(forms[form], value) != 0) form++;
      if (form == 5) die("load: unknown form: %s", value);
      options.form = (enum form)form;
    } else if (strcmp(name, "--port") == 0) options.port = atoi(value);         /* of the proxy, or of the server */
    else if (strcmp(name, "--target") == 0) options.target = value;            /* host:port of the upstream */
    else if (strcmp(name, "--ca") == 0) options.ca = value;                    /* PEM file to verify against */
    else if (strcmp(name, "--mode") == 0) options.mode = value;                /* x-bench header */
    else if (strcmp(name, "--upload") == 0) options.upload = atoll(value);     /* body bytes */
    else if (strcmp(name, "--connections") == 0) options.connections = atoi(value);
    else if (strcmp(name, "--expect") == 0) options.expect = atoi(value);      /* status, 0: any */
    else if (strcmp(name, "--fresh") == 0) options.fresh = atoi(value);        /* a connection per request */
    else if (strcmp(name, "--resume") == 0) options.resume = atoi(value);      /* offer TLS resumption */
    else if (strcmp(name, "--poll") == 0) options.poll = atoi(value);          /* never sleep while requests run */
    else if (strcmp(name, "--stagger-us") == 0) options.stagger = atoll(value) * 1000; /* between starts of connections */
    else die("load: unknown option: %s", name);
  }
  if (!options.port || !options.target) die("load: --port and --target are needed");
}
