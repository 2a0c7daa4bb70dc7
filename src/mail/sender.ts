/** Whom a mail says it is from. */
export interface Sender {
  readonly name: string;
  readonly address: string;
}

/** Whose mail goes out under which name. */
export type SenderOf = (projectName: string) => Sender;

/**
 * People know the application, not the server: a mail carries the name of its project. A name that the operator wrote
 * beside the address stands for the first project, and for no tenant.
 * @param from `MAIL_FROM`: an address, or a name and an address in angle brackets
 */
export function senderOf(from: string, firstProject: boolean): SenderOf {
  const [, written = '', bracketed] = /^([^<>]*)<([^<>]+)>$/.exec(from) ?? [];
  const address = bracketed ?? from;
  const named = written.trim().replace(/^"(.*)"$/, '$1');
  return (projectName) => ({ name: firstProject && named !== '' ? named : oneLine(projectName), address });
}

/** As people read it, and as RFC 5322 §3.4 wants it. */
export function spelled({ name, address }: Sender): string {
  if (name === '') return address;
  const plain = /^[\p{L}\p{N} '!#$%&*+/=?^_`{|}~-]+$/u.test(name);
  return `${plain ? name : `"${name.replaceAll(/["\\]/g, '\\$&')}"`} <${address}>`;
}

/** A line break would begin another header. */
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
