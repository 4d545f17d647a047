/** The painter of words that texts are given: on a terminal it colours, elsewhere it leaves them as they are. */
import type pc from 'picocolors';

export type Colors = ReturnType<typeof pc.createColors>;
