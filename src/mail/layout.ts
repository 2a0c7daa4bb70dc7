import type { Mail } from '../core/mail/mail.ts';
import type { Content } from './content.ts';
import { browserInWords, timeInWords } from './words.ts';

/** `This was requested from 192.0.2.7 with Firefox on Windows, 2026-08-01 12:00 UTC.` */
function origin({ asked }: Content, mail: Mail): string {
  const from = mail.asked.ip === null ? '' : ` from ${mail.asked.ip}`;
  const browser = mail.asked.userAgent === null ? '' : ` with ${browserInWords(mail.asked.userAgent)}`;
  return `${asked}${from}${browser}, ${timeInWords(mail.asked.at)}.`;
}

export function asText(content: Content, mail: Mail): string {
  return [
    content.heading,
    ...content.paragraphs,
    ...(content.code ? [`    ${content.code}`] : []),
    ...(content.action ? [`${content.action.label}:\n${content.action.link}`] : []),
    origin(content, mail),
    content.notYou,
    `-- \n${mail.projectName}`,
  ].join('\n\n');
}

/**
 * A table and inline styles, which is what mail programs agree on. Nothing is loaded from anywhere: a picture would
 * tell its server who reads. Text has no colour of its own, so that it can be read on a dark ground too.
 */
export function asHtml(content: Content, mail: Mail): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escaped(content.subject)}</title>
</head>
<body style="margin:0;padding:0">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td align="center" style="padding:24px 12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px;text-align:left;font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5">
<tr><td style="padding:0 0 16px;font-size:22px;line-height:1.3;font-weight:bold">${escaped(content.heading)}</td></tr>
${content.paragraphs.map(paragraph).join('\n')}
${content.code ? codeRow(content.code) : ''}${content.action ? actionRows(content.action) : ''}
<tr><td style="padding:16px 0 0;border-top:1px solid #888888;font-size:14px">${escaped(origin(content, mail))}<br>${escaped(content.notYou)}</td></tr>
<tr><td style="padding:16px 0 0;font-size:14px">${escaped(mail.projectName)}</td></tr>
</table>
</td></tr></table>
</body>
</html>
`;
}

const paragraph = (text: string): string => `<tr><td style="padding:0 0 16px">${escaped(text)}</td></tr>`;

const codeRow = (code: string): string =>
  `<tr><td style="padding:0 0 16px;font-family:ui-monospace,Menlo,Consolas,monospace;font-size:28px;letter-spacing:4px"><p style="margin:0">${escaped(code)}</p></td></tr>`;

const actionRows = ({ label, link }: NonNullable<Content['action']>): string =>
  `<tr><td style="padding:0 0 16px"><a href="${escaped(link)}" style="display:inline-block;padding:12px 20px;border-radius:6px;background-color:#1a56c4;color:#ffffff;text-decoration:none;font-weight:bold">${escaped(label)}</a></td></tr>
<tr><td style="padding:0 0 16px;font-size:14px;word-break:break-all">Or open this address:<br><a href="${escaped(link)}">${escaped(link)}</a></td></tr>`;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character]!);
