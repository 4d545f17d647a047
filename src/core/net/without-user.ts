/** Addresses as they may be shown: what stands in front of an `@` may be a password. */

/**
 * Leaves out what may be a user's name and password.
 *
 * @example withoutUser('http://me:secret@host/path') // 'http://…@host/path'
 */
export function withoutUser(text: string): string {
  // Behind `//` up to the last @, since a password may hold a slash that nobody escaped.
  return text.replace(/(?<=\/\/)[^\s"']*@|[^\s"'/]*@/g, '…@');
}
