/** Checks that concern a conversation as a whole. */
import type { Json } from '../json-body.ts';
import type { Turn } from '../messages-request.ts';
import type { Model } from '../models.ts';
import { invalid } from '../refusal.ts';

/** Consecutive messages of one role count as one turn; system messages stand between turns, not in them. */
interface Group {
  readonly role: Turn['role'];
  readonly members: { readonly index: number; readonly turn: Turn }[];
}

/**
 * Every `tool_use` needs its `tool_result` in the next message, and the other way round.
 *
 * @throws {ApiRefusal} 400
 */
export function checkPairing(messages: readonly Turn[]): void {
  const groups = groupTurns(messages);
  for (const [at, group] of groups.entries()) {
    checkResults(group, groups[at - 1]);
    const next = groups[at + 1];
    // Calls in the last message are a prefill, refused or not as such.
    if (next) checkCalls(group, next);
  }
}

function groupTurns(messages: readonly Turn[]): readonly Group[] {
  const groups: Group[] = [];
  for (const [index, turn] of messages.entries()) {
    if (turn.role === 'system') continue;
    const last = groups[groups.length - 1];
    if (last?.role === turn.role) last.members.push({ index, turn });
    else groups.push({ role: turn.role, members: [{ index, turn }] });
  }
  return groups;
}

function checkCalls(group: Group, next: Group): void {
  const answered = new Set(next.members.flatMap(({ turn }) => idsOf(turn, 'tool_result', 'tool_use_id')));
  for (const { index, turn } of group.members) {
    const open = idsOf(turn, 'tool_use', 'id').filter((id) => !answered.has(id));
    if (open.length === 0) continue;
    throw invalid(
      `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
    );
  }
}

function checkResults(group: Group, previous: Group | undefined): void {
  const calls = new Set(previous?.members.flatMap(({ turn }) => idsOf(turn, 'tool_use', 'id')));
  for (const { index, turn } of group.members) {
    for (const [at, block] of turn.content.entries()) {
      if (block.type !== 'tool_result' || calls.has(String(block.tool_use_id))) continue;
      throw invalid(
        `messages.${index}.content.${at}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${String(block.tool_use_id)}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
      );
    }
  }
}

function idsOf(turn: Turn, type: string, field: string): string[] {
  return turn.content.filter((block: Json) => block.type === type).map((block) => String(block[field]));
}

/**
 * Models of generation 4.6 and later refuse a conversation that ends with the assistant.
 *
 * @throws {ApiRefusal} 400
 */
export function checkPrefill(messages: readonly Turn[], model: Model): void {
  const last = messages[messages.length - 1];
  if (last?.role !== 'assistant') return;
  if (!model.prefill) {
    throw invalid(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    );
  }
  const end = last.content[last.content.length - 1];
  if (end?.type === 'text' && /\s$/.test(String(end.text))) {
    throw invalid('messages: final assistant content cannot end with trailing whitespace');
  }
}
