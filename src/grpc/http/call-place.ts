/** Where a plain-HTTP call goes: the fault proxy tells the host in the Host header alone, and often without its port. */
import type { RequestHead } from '../../core/http1/head.ts';
import { type Authority, parseAuthority } from '../../core/net/authority.ts';
import type { TargetHosts } from '../../core/net/target-host.ts';
import { type RequestRoute, splitQuery } from '../../engine/request/request-route.ts';
import { BadMessage } from '../service-definition.ts';

/** @throws BadMessage for a Host that is none */
export function placeCall(head: RequestHead, targets: TargetHosts): RequestRoute {
  const target = targetOf(head.headers.get('host'), targets);
  return {
    target,
    via: 'plugin',
    ...splitQuery(head.target),
    line: undefined,
    route: undefined,
    ruled: targets.matches(target.host, target.port),
    host: undefined,
  };
}

function targetOf(host: string | undefined, targets: TargetHosts): Authority {
  const usual = targets.defaultTarget();
  if (host === undefined || host === '') {
    if (usual) return usual;
    throw new BadMessage('the request has no Host header, and no target host is without a wildcard');
  }
  let written: Authority;
  try {
    written = parseAuthority(host, { defaultPort: 443 });
  } catch (error) {
    throw new BadMessage(error instanceof Error ? error.message : String(error));
  }
  // A port left out is 443, unless only another one makes a target of it.
  const { host: name, port } = written;
  const others = /:\d+$/.test(host) ? [] : [80, ...(usual?.host === name ? [usual.port] : [])];
  return { host: name, port: [port, ...others].find((one) => targets.matches(name, one)) ?? port };
}
