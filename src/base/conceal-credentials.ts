/**
 * Where a URL names its user and password: from `//` to the last `@` before path, query and fragment (WHATWG URL,
 * authority state). What the parsers of our drivers take for a password is therefore all in it, `@` included.
 */
const userInfo = /([a-z][a-z0-9+.-]*:\/\/)[^\s/?#]*@/gi;

/** Text that may quote URLs, without their users and passwords. */
export const concealCredentials = (text: string): string => text.replace(userInfo, '$1…@');
