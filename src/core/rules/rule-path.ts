/** A place in the list of rules: `[1, 'when', 'model']`. */
export type RulePath = readonly (string | number)[];
