/** Spoils a tool call: its input cut or corrupted, or a tool that does not exist. */
import { z } from 'zod';
import type { Effect } from '../effect.ts';
import { defineFault } from './fault.ts';
import { blocksOf, rewriteMessage } from './rewrite-message.ts';
import { NO_TOOL, ToolJsonFilter, WRONG_INPUT } from './tool-json-filter.ts';

export const toolJson = defineFault({
  kind: 'tool-json',
  phase: 'exchange',
  changes: 'body',
  summary: 'Break the input or the name of a tool call.',
  details:
    '`cut` ends the input after `keep` characters, and always before its last; the block is then closed as if all ' +
    'were well. `corrupt` takes out the first quotation mark. Both leave JSON that does not parse. `wrong-input` sends ' +
    'valid JSON that no schema expects, `unknown-tool` a name that was never offered. The last two also act on JSON ' +
    'answers, which hold the input as an object. Only the first tool call is touched, or the first of `tool`.',
  params: z.strictObject({
    how: z
      .enum(['cut', 'corrupt', 'wrong-input', 'unknown-tool'])
      .default('cut')
      .describe('What to do to the tool call.'),
    tool: z.string().min(1).optional().describe('Name of the tool; the first call of any tool without it.'),
    keep: z
      .int()
      .min(0)
      .default(12)
      .describe('Characters of input that `cut` lets through; fewer if the input is not longer.'),
    name: z.string().min(1).default('no_such_tool').describe('Name that `unknown-tool` puts in.'),
  }),
  example: { how: 'cut', keep: 20 },
  plan: (params) => {
    const note = `tool call: ${params.how}`;
    const effects: Effect[] = [{ do: 'filter', open: () => new ToolJsonFilter(params, note) }];
    if (params.how === 'wrong-input' || params.how === 'unknown-tool') {
      effects.push(
        rewriteMessage(note, (message) => {
          const block = blocksOf(message).find(
            ({ type, name }) => type === 'tool_use' && (params.tool === undefined || name === params.tool),
          );
          if (block === undefined) return NO_TOOL(params.tool);
          if (params.how === 'unknown-tool') block.name = params.name;
          else block.input = JSON.parse(WRONG_INPUT);
          return undefined;
        }),
      );
    }
    return () => effects;
  },
});
