/** Puts another body in an answer's place, be it JSON or a stream. Shared by the body faults that act on both. */
import type { AnswerFacts, FilterEffect, RewriteEffect } from '../effect.ts';
import { PlaceWatch } from './place-watch.ts';
import { PointFilter } from './point-filter.ts';

/**
 * Effects that replace the whole body. On a stream the new body goes out when the first event would have.
 *
 * @param contentType the new content type; undefined leaves the answer's own
 */
export function replaceBody(
  note: string,
  body: (answer?: AnswerFacts) => string,
  contentType?: string,
): readonly [FilterEffect, RewriteEffect] {
  const typed = contentType === undefined ? {} : { contentType };
  return [
    {
      do: 'filter',
      ...typed,
      open: (answer) =>
        new PointFilter(new PlaceWatch({ by: 'point', side: 'before', point: 'first_event' }), () => [
          { op: 'applied', note },
          { op: 'bytes', bytes: Buffer.from(body(answer)) },
          { op: 'end', how: 'clean' },
        ]),
    },
    {
      do: 'rewrite',
      rewrite: (_body, _type, answer) => ({ body: Buffer.from(body(answer)), note, ...typed }),
    },
  ];
}
