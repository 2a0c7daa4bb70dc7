/** Browsers, proxies and servers take this much of an address, beside cookies; no provider says as much. */
const longestAddress = 8_000;

/** May a browser be sent there? An address that is longer ends in a fault that nobody can explain to a person. */
export const fitsInHeader = (address: string): boolean => address.length <= longestAddress;
