/**
 * May a host with wildcards be trusted? `*.com` would trust whoever buys a domain, so the last two labels are written
 * out. Names below `localhost` are nobody's to buy: browsers keep them on the person's own machine (RFC 6761 §6.3).
 */
export function wildcardIsSafe(host: string): boolean {
  const [domain = '', top = ''] = host.toLowerCase().split('.').slice(-2);
  return top !== '' && !top.includes('*') && (top === 'localhost' || !domain.includes('*'));
}
