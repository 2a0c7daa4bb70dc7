/**
 * Writes the schema before the name of every table in a statement. What a statement means then depends on no setting of
 * the connection, which a pooler may drop (`ignore_startup_parameters`) or another client of the pooler may change.
 *
 * Knows the grammar of tables as far as the statements of this store use it: a table follows FROM, JOIN, INTO, UPDATE or
 * USING, or a comma between those. A WITH query must not be called like a table.
 */
export function qualifier(schema: string, tables: Iterable<string>): (statement: string) => string {
  const prefix = `${quotedName(schema)}.`;
  const known = new Set(tables);
  const done = new Map<string, string>();
  return (statement) => {
    const found = done.get(statement);
    if (found !== undefined) return found;
    const qualified = qualify(statement, prefix, known);
    // Texts repeat, but for those with lists of varying length: the long ones are not kept, and now and then it begins anew.
    if (done.size >= mostKept) done.clear();
    if (statement.length <= longestKept) done.set(statement, qualified);
    return qualified;
  };
}

export const quotedName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const mostKept = 1_000;
const longestKept = 4_000;

/** Literals and comments first: what stands in them is no name. */
const tokens =
  /'(?:[^']|'')*'|--[^\n]*|\/\*[\s\S]*?\*\/|\$([A-Za-z_]*)\$[\s\S]*?\$\1\$|"(?:[^"]|"")*"|[A-Za-z_][\w$]*|\$\d+|\s+|[\s\S]/g;

const opensTable = new Set(['from', 'join', 'into', 'update', 'using']);
const mayStandBetween = new Set(['only', 'lateral']);
const opensList = new Set(['from', 'using']);
const endsList = new Set(
  'where group order having limit offset set returning union intersect except select values for window do'.split(' '),
);
/** `extract(year from day)`: here FROM is followed by a value. */
const functionsWithFrom = new Set(['extract', 'substring', 'trim', 'overlay']);

function qualify(statement: string, prefix: string, tables: ReadonlySet<string>): string {
  const parts = statement.match(tokens) ?? [];
  /** One for each open parenthesis: whether a comma leads to another table, and whether FROM does. */
  const outer: { list: boolean; values: boolean }[] = [];
  let here = { list: false, values: false };
  let expected = false;
  let last = '';
  let written = '';
  for (const [index, part] of parts.entries()) {
    if (/^(?:\s|--|\/\*)/.test(part)) {
      written += part;
      continue;
    }
    const word = /^[A-Za-z_]/.test(part) ? part.toLowerCase() : part;
    if (expected && tables.has(nameIn(part)) && !/^[.(]/.test(parts[index + 1] ?? '')) written += prefix;
    written += part;
    if (part === '(') {
      outer.push(here);
      here = { list: false, values: functionsWithFrom.has(last) };
      expected = expected && last !== 'using';
    } else if (part === ')') {
      here = outer.pop() ?? here;
      expected = false;
    } else if (opensTable.has(word) && !here.values && last !== 'distinct') {
      expected = true;
      if (opensList.has(word)) here.list = true;
    } else {
      expected = (part === ',' && here.list) || (expected && mayStandBetween.has(word));
      if (endsList.has(word)) here.list = false;
    }
    last = word;
  }
  return written;
}

/** `user` without quotes is a word of SQL: the table is only meant with them. */
const nameIn = (part: string): string => (part.startsWith('"') ? part.slice(1, -1) : part === 'user' ? '' : part);
