/** One call as one JSON object, for `--log-format json`. */
import type { FinishedExchange } from './finished-exchange.ts';

/** The object: flat where it can be, `type: "exchange"`. Never a key, a cookie or a body. */
export function callJson(call: FinishedExchange): Record<string, unknown> {
  const { decided } = call;
  return {
    v: 1,
    type: 'exchange',
    at: call.at,
    exchange: call.exchange,
    verdict: call.verdict,
    status: call.status,
    source: call.source,
    ...(decided && {
      method: decided.method,
      host: decided.host,
      port: decided.port,
      path: decided.path,
      model: decided.model,
      stream: decided.stream,
      via: decided.via,
      tls: decided.tls,
      connection: decided.connection,
      attempt: decided.attempt,
      client: decided.client,
      rule: decided.rule,
      nth: decided.nth,
      ordinal: decided.ordinal,
      why: decided.why,
    }),
    applied: call.applied,
    skipped: call.skipped,
    error: call.error,
    how: call.how,
    bytesUp: call.bytesUp,
    bytesDown: call.bytesDown,
    ms: Math.round(call.ms * 1000) / 1000,
  };
}
