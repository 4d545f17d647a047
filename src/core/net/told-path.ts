/** The path of a request as it is told. What went up is the client's, and stays as it came. */

/**
 * Without the user's name and password of an address in it (`//me:secret@host/x`), and without a fragment, which clients
 * keep to themselves.
 *
 * @example toldPath('//me:secret@host/x#top') // '//…@host/x'
 */
export function toldPath(path: string): string {
  const mark = path.indexOf('#');
  const told = mark < 0 ? path : path.slice(0, mark);
  // An @ elsewhere is part of a name: Vertex has models such as claude-opus-4-5@20251101.
  return told.includes('//') ? told.replace(/(?<=\/\/)[^/]*@/g, '…@') : told;
}
