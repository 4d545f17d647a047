/** Writes the constraints of `name-constraints.ts` into the extension of a CA. */
import { contextConstructed, contextPrimitive, sequence } from './der.ts';
import { GENERAL_NAME, type NameConstraints, NOBODY, type Subtrees } from './name-constraints.ts';

/**
 * The extension's value. Mail and URI names, which no target has, are permitted only under a name that cannot exist.
 *
 * @param nameless excludes every directory name: all begin with the empty one
 */
export function encodeNameConstraints({ permitted, excluded }: NameConstraints, nameless = false): Buffer {
  const closed = [
    subtree(GENERAL_NAME.email, Buffer.from(NOBODY.mailOrUri, 'ascii')),
    subtree(GENERAL_NAME.uri, Buffer.from(NOBODY.mailOrUri, 'ascii')),
  ];
  const shut = [
    ...encodeSubtrees(excluded),
    ...(nameless ? [sequence(contextConstructed(GENERAL_NAME.directory, sequence()))] : []),
  ];
  return sequence(
    contextConstructed(0, ...encodeSubtrees(permitted), ...closed),
    ...(shut.length > 0 ? [contextConstructed(1, ...shut)] : []),
  );
}

function encodeSubtrees({ dns, ip }: Subtrees): Buffer[] {
  return [
    ...dns.map((name) => subtree(GENERAL_NAME.dns, Buffer.from(name, 'ascii'))),
    ...ip.map((range) => subtree(GENERAL_NAME.ip, range)),
  ];
}

function subtree(tag: number, value: Buffer): Buffer {
  return sequence(contextPrimitive(tag, value));
}
