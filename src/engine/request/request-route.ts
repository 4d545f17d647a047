/** Reads off a request where it is to go: which host, how we got it, and whether rules look at it. */

import type { Via } from '../../core/facts.ts';
import { FramingError, type RequestHead } from '../../core/http1/head.ts';
import { parseAbsoluteForm } from '../../core/net/absolute-form.ts';
import type { ConnectionContext } from '../connection/context.ts';
import type { Services } from '../connection/services.ts';
import type { Authority } from '../transport/transport.ts';
import type { Route } from '../upstream/router.ts';

export interface RequestRoute {
  readonly target: Authority;
  readonly via: Via;
  /** Path and query, as rules see them, without the `?`. */
  readonly path: string;
  readonly query: string;
  /** The request target to send upstream; undefined keeps the line as it came. */
  readonly line: string | undefined;
  /** Undefined where we do not forward (a host that is no target, off loopback). */
  readonly route: Route | undefined;
  /** True when the host is a target: rules decide. */
  readonly ruled: boolean;
  /** `Host` to send upstream; undefined keeps the client's. What the request target names counts for more than that. */
  readonly host: string | undefined;
}

/** Path and query of a request target that begins with its path. */
export function splitQuery(target: string): Pick<RequestRoute, 'path' | 'query'> {
  const mark = target.indexOf('?');
  if (mark < 0) return { path: target, query: '' };
  return { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

/** Requests of one connection mostly go to one place: it is worked out once for as long as they say the same. */
export class RequestRoutes {
  readonly #services: Services;
  readonly #context: ConnectionContext;
  #last: { readonly method: string; readonly target: string; readonly place: RequestRoute } | undefined;

  constructor(services: Services, context: ConnectionContext) {
    this.#services = services;
    this.#context = context;
  }

  /** @throws FramingError with what is wrong with the request target; Refusal for what a web page sent */
  of(head: RequestHead): RequestRoute {
    const { method, target } = head;
    if (this.#last === undefined || this.#last.target !== target || this.#last.method !== method)
      this.#last = { method, target, place: resolveRoute(this.#services, this.#context, head) };
    // What pages say to each other through us, on hosts that are no targets, is not our business.
    if (this.#context.target === undefined && this.#last.place.ruled) this.#guard(head);
    return this.#last.place;
  }

  #guard(head: RequestHead): void {
    const { guard } = this.#services.options;
    guard.checkPage(head);
    // A URL in the request names its host itself.
    if (head.target.startsWith('/') || head.target === '*') guard.checkHost(head);
  }
}

/** All that it reads of the head is method and target. */
function resolveRoute(services: Services, context: ConnectionContext, head: RequestHead): RequestRoute {
  const { targets, router, self } = services.options;
  const { target } = head;
  if (context.target) return inTunnel(services, context, context.target, head);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(target)) {
    const { scheme, authority, written, path } = parseAbsoluteForm(target, head.method);
    if (!self.is(authority)) {
      const ruled = targets.matches(authority.host, authority.port);
      const secure = scheme === 'https';
      if (!ruled && !services.options.openToOthers)
        return {
          target: authority,
          via: 'absolute',
          ...splitQuery(path),
          line: path,
          route: undefined,
          ruled,
          host: undefined,
        };
      const route = ruled ? router.toTarget(authority, secure) : router.toHost(authority, secure);
      const line = ruled ? route.pathPrefix + path : path;
      return {
        target: authority,
        via: 'absolute',
        ...splitQuery(path),
        line,
        route,
        ruled,
        host: route.host ?? written,
      };
    }
    return toDefaultTarget(services, path, true);
  }
  if (!target.startsWith('/') && target !== '*')
    throw new FramingError('request', 400, 'has a target that is neither a path nor a URL');
  return toDefaultTarget(services, target, false);
}

function inTunnel(
  services: Services,
  context: ConnectionContext,
  to: Authority,
  head: RequestHead,
): RequestRoute {
  const { target } = head;
  const absolute = !target.startsWith('/') && target !== '*';
  const named = absolute ? parseAbsoluteForm(target, head.method) : undefined;
  const path = named?.path ?? target;
  const route = services.options.router.toTarget(to, context.tls);
  const line = route.pathPrefix === '' && !absolute ? undefined : route.pathPrefix + path;
  return {
    target: to,
    via: context.via,
    ...splitQuery(path),
    line,
    route,
    ruled: true,
    host: route.host ?? named?.written,
  };
}

function toDefaultTarget(services: Services, path: string, rewritten: boolean): RequestRoute {
  const { targets, router } = services.options;
  const to = targets.defaultTarget();
  if (!to)
    throw new FramingError(
      'request',
      400,
      'names no host, and this proxy has no target host that is not a wildcard; start it with --target-host NAME or --upstream URL',
    );
  const route = router.toTarget(to, true);
  const alias = /^\/messages(?=$|[/?])/.test(path);
  if (alias)
    services.notice(
      'messages-alias',
      'a client sends /messages where the API has /v1/messages (the AI SDK does, with a base URL without /v1): taken as /v1/messages',
    );
  const meant = alias ? `/v1${path}` : path;
  const line = route.pathPrefix === '' && !alias && !rewritten ? undefined : route.pathPrefix + meant;
  const host = route.host ?? (to.port === 443 ? to.host : `${to.host}:${to.port}`);
  return { target: to, via: 'origin', ...splitQuery(meant), line, route, ruled: true, host };
}
