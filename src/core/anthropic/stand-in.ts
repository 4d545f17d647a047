/**
 * Header by which the stand-in for the API says that an answer is none of the API's: it does not know the path that was asked
 * for, and what the real API says there is not known. Who reads logs must not take it for the real one's 404.
 */
export const UNKNOWN_PATH_HEADER = 'x-stand-in-unknown-path';
