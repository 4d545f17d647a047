/** The snippets of docs/clients.md for clients that npm brings; `ci/docs.test.ts` runs the others. */
import { expect, it } from 'vitest';
import { ALL_COMMANDS, describeSnippets, LOCAL_CLIENTS } from './support/describe-snippets.ts';

describeSnippets(LOCAL_CLIENTS);

it('shows every client both ways, and no client that no test runs', () => {
  const clients = [...LOCAL_CLIENTS, 'python', 'go', 'claude'];
  const both = clients.flatMap((client) =>
    client === 'sdk-dispatcher' ? [`${client} proxy`] : [`${client} base-url`, `${client} proxy`],
  );
  expect([...ALL_COMMANDS].sort()).toEqual(both.sort());
});
