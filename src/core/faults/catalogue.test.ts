/** Every fault, whoever wrote it: a new one is tested by existing. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readBody } from '../anthropic/request.ts';
import type { Effect } from '../effect.ts';
import type { Header, RequestFacts } from '../facts.ts';
import * as all from './all.ts';
import { faultCatalogue } from './catalogue.ts';
import type { AnyFaultDefinition, FaultEnv, PlanContext } from './fault.ts';

const ENV: FaultEnv = { seed: '42', messages: 'simulated' };

/** What an effect may say in a phase; undefined: it may not be there at all. */
const CONNECTION: Readonly<Record<string, readonly string[] | undefined>> = {
  delay: ['accept'],
  end: ['accept', 'tls', 'secure', 'idle'],
  cut: [],
  refuse: [],
  tls: [],
  throttle: [],
};
const EXCHANGE: Readonly<Record<string, readonly string[] | undefined>> = {
  delay: ['request', 'head'],
  end: ['request', 'head', 'idle'],
  cut: [],
  respond: [],
  head: [],
  filter: [],
  rewrite: [],
  throttle: [],
};

function facts(): RequestFacts {
  const headers: readonly Header[] = [['content-type', 'application/json']];
  const text = '{"model":"claude-sonnet-4-5","stream":true,"messages":[{"role":"user","content":"hi"}]}';
  return {
    host: 'api.anthropic.com',
    port: 443,
    sni: 'api.anthropic.com',
    via: 'connect',
    peer: '127.0.0.1',
    method: 'POST',
    path: '/v1/messages',
    query: '',
    reused: false,
    header: (name) => headers.find(([key]) => key === name)?.[1],
    headers: () => headers,
    body: readBody(new TextEncoder().encode(text), 'held'),
    client: '0123456789ab',
    attempt: 0,
    conversation: undefined,
  };
}

/** Draws differ by nth and lane, and are the same each time. */
function context(nth: number): PlanContext<'exchange'> {
  const draw = (lane = 0): number => (nth * 0.618_033_988_7 + lane * 0.414_213_562_3) % 1;
  return { facts: facts(), draw, nth, now: nth * 1000, wall: 1_780_000_000_000 + nth * 1000 };
}

/** What the fault does to one call; with a memory, a fresh one. */
function planOf(fault: AnyFaultDefinition): (context: PlanContext<'exchange'>) => readonly Effect[] {
  const params = fault.params.parse(fault.example);
  if ('plan' in fault) return fault.plan(params, ENV);
  const memory = fault.init(params, ENV);
  return (context) => fault.step(memory, context).effects;
}

function plans(fault: AnyFaultDefinition): readonly (readonly Effect[])[] {
  const plan = planOf(fault);
  return Array.from({ length: 50 }, (_, i) => plan(context(i + 1)));
}

/** Effects as data: functions are compared by what opens, not by identity. */
function asData(effects: readonly Effect[]): string {
  return JSON.stringify(effects, (_, value) => (typeof value === 'function' ? 'function' : value));
}

test('every line of all.ts is in the catalogue, each kind once', () => {
  expect([...faultCatalogue.values()].map(({ kind }) => kind).sort()).toEqual(
    Object.values(all)
      .map(({ kind }) => kind)
      .sort(),
  );
});

describe.each([...faultCatalogue])('%s', (kind, fault) => {
  test('is named and told as the docs need it', () => {
    expect(kind).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    expect(fault.summary).toMatch(/^[A-Z][^\n]{10,110}\.$/);
    expect(fault.details ?? 'x').not.toBe('');
  });

  test('has an example that parses, and refuses what it does not know', () => {
    expect(fault.params.safeParse(fault.example).error).toBeUndefined();
    const strange = fault.params.safeParse({ ...(fault.example as object), no_such_parameter: 1 });
    expect(z.prettifyError(strange.error!)).toContain('no_such_parameter');
    expect(fault.params.safeParse({ ...(fault.example as object), kind }).success).toBe(false);
  });

  test('has a JSON Schema in which every parameter is described, in snake_case', () => {
    const schema = z.toJSONSchema(fault.params, { io: 'input' });
    expect(schema.type).toBe('object');
    expect(schema.additionalProperties).toBe(false);
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      expect(name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
      expect(
        (property as { description?: string }).description,
        `description of ${kind}.${name}`,
      ).toBeTruthy();
    }
  });

  test('plans effects of its phase, and at least one', () => {
    const allowed = fault.phase === 'connection' ? CONNECTION : EXCHANGE;
    for (const effects of plans(fault)) {
      expect(effects.length).toBeGreaterThan(0);
      for (const effect of effects) {
        expect(Object.keys(allowed), `${kind} is a fault of the ${fault.phase}`).toContain(effect.do);
        if ('at' in effect) expect(allowed[effect.do]).toContain(effect.at);
        if (effect.do === 'delay') expect(effect.ms).toBeGreaterThanOrEqual(0);
      }
    }
  });

  test('plans the same from the same draws', () => {
    expect(plans(fault).map(asData)).toEqual(plans(fault).map(asData));
    // A memory is there to make a difference; that a fresh one starts alike was seen above.
    if (!('plan' in fault)) return;
    const plan = planOf(fault);
    const first = asData(plan(context(7)));
    plan(context(8));
    expect(asData(plan(context(7)))).toBe(first);
  });

  test('answers only what HTTP can carry', () => {
    for (const effect of plans(fault).flat()) {
      if (effect.do !== 'respond') continue;
      expect(effect.status).toBeGreaterThanOrEqual(200);
      for (const [name, value] of effect.headers) {
        expect(name).toMatch(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/);
        expect(name.toLowerCase()).not.toMatch(/^(content-length|transfer-encoding|date)$/);
        expect(value).toMatch(/^[\t\x20-\x7e\x80-\xff]*$/);
      }
    }
  });
});
