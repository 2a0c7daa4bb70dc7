/** What this dialect serves beside the operations of the original's overview. */
export const axumKitAdditions: readonly { readonly operation: string; readonly why: string }[] = [
  { operation: 'POST /v0/auth/signup', why: 'Registration as later versions spell it' },
  { operation: 'GET /v0/auth/sessions', why: 'Of later versions' },
  { operation: 'DELETE /v0/auth/sessions/{management_id}', why: 'Of later versions' },
  { operation: 'POST /v0/app/auth/login', why: 'Of later versions: applications without cookies' },
  { operation: 'POST /v0/app/auth/totp/verify', why: 'Of later versions: applications without cookies' },
];
