/** Kept in `instance`, as the e-mail form's version is. */
export const usernameFormVersion = 1;

/** Usernames are compared by this form: NFKC and lower case (core map U1). Bounds are policy, not form. */
export const usernameNormal = (text: string): string => text.normalize('NFKC').toLowerCase();
