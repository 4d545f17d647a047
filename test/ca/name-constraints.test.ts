import { expect, test } from 'vitest';
import { parseHostName, parseTarget } from '../../src/ca/host-name.ts';
import {
  constraintsFor,
  decodeNameConstraints,
  type NameConstraints,
  permits,
  permittedHosts,
} from '../../src/ca/name-constraints.ts';
import { encodeNameConstraints } from '../../src/ca/write-name-constraints.ts';

function constraints(...targets: string[]): NameConstraints {
  return decodeNameConstraints(encodeNameConstraints(constraintsFor(targets.map(parseTarget))));
}

function allowed(limits: NameConstraints, ...hosts: string[]): boolean[] {
  return hosts.map((host) => permits(limits, parseHostName(host)!));
}

test('what is written reads back the same', () => {
  const made = constraintsFor(['a.example', '*.b.example', '10.1.2.3', '[2001:db8::1]:443'].map(parseTarget));
  expect(decodeNameConstraints(encodeNameConstraints(made))).toEqual(made);
  expect(permittedHosts(made)).toEqual(['a.example', 'b.example', '10.1.2.3', '2001:db8::1']);
});

test('repeated targets and those below another are written once', () => {
  const made = constraintsFor(
    ['*.b.example', 'x.b.example', 'b.example:1', '10.1.2.3', '10.1.2.3:2'].map(parseTarget),
  );
  expect(permittedHosts(made)).toEqual(['b.example', '10.1.2.3']);
});

test('names: the target and below, never a look-alike', () => {
  const limits = constraints('api.example');
  const hosts = ['api.example', 'x.api.example', 'example', 'evilapi.example', 'api.example.org'];
  expect(allowed(limits, ...hosts)).toEqual([true, true, false, false, false]);
});

test('addresses: closed unless they are targets, in both families', () => {
  expect(allowed(constraints('api.example'), '127.0.0.1', '::1')).toEqual([false, false]);
  expect(allowed(constraints('127.0.0.1'), '127.0.0.1', '127.0.0.2', '::1', 'api.example')).toEqual([
    true,
    false,
    false,
    false,
  ]);
  expect(allowed(constraints('::1', 'api.example'), '::1', '::2', '127.0.0.1', 'api.example')).toEqual([
    true,
    false,
    false,
    true,
  ]);
});

test('constraints of other CAs: ranges, leading dots, exclusions', () => {
  const limits: NameConstraints = {
    permitted: { dns: ['.corp.example'], ip: [Buffer.from([10, 0, 0, 0, 255, 0, 0, 0])] },
    excluded: { dns: ['secret.corp.example'], ip: [Buffer.from([10, 9, 0, 0, 255, 255, 0, 0])] },
  };
  const hosts = [
    'a.corp.example',
    'corp.example',
    'x.secret.corp.example',
    '10.1.1.1',
    '10.9.1.1',
    '11.1.1.1',
  ];
  expect(allowed(limits, ...hosts)).toEqual([true, false, false, true, false, false]);
  expect(permittedHosts(limits)).toEqual(['.corp.example', '10.0.0.0/255.0.0.0']);
});
