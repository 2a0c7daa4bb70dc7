import { createContext, Script } from 'node:vm';
import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import { Lru } from '../base/lru.ts';
import type { Conditions } from '../core/users/judge-sign-up.ts';

type Compiled = (facts: Readonly<Record<string, unknown>>) => unknown;
/** A condition that can be asked, or why it cannot. */
type Read = { readonly decide: Compiled } | { readonly problem: string };

const rememberedConditions = 500;
/** Patterns of `matches` can be made to run for ever; a sign-up does not wait for one, nor for many. */
const withinMs = 50;

/**
 * Patterns, and what loops over lists. The rest takes as long as it is written, and a watch costs a thread, hundreds of
 * times as much.
 */
const mayTakeLong = /\b(?:matches|all|exists|exists_one|map|filter)\b/;

const variables = {
  email: 'string',
  emailDomain: 'string',
  countryCode: 'string',
  authMethod: 'string',
  oauthProvider: 'string',
  riskScores: 'map',
} as const;

/** Conditions in the Common Expression Language, as far as it is about text and numbers. */
export function celConditions(): Conditions {
  const environment = new Environment({ limits: { maxAstNodes: 1000, maxDepth: 50 } });
  for (const [name, type] of Object.entries(variables)) environment.registerVariable(name, type);
  const watched = new Script('work()');
  const sandbox = createContext({ work: (): void => {} });
  const known = new Lru<string, Read>(rememberedConditions);

  /** Read once: what a rule is refused for when it is written is what keeps it from being asked. */
  function read(condition: string): Read {
    const before = known.get(condition);
    if (before !== undefined) return before;
    const now = readAnew(condition);
    known.set(condition, now);
    return now;
  }

  function readAnew(condition: string): Read {
    try {
      const parsed = environment.parse(condition);
      const { valid, type, error } = parsed.check();
      if (!valid) return { problem: firstLine(error) };
      // Members of a map are of any type; a text or a number never holds.
      if (!['bool', 'dyn'].includes(String(type))) return { problem: `it is of type ${type}, and not true or false` };
      const broken = patternsIn(parsed.ast).find((pattern) => !isPattern(pattern));
      return broken === undefined ? { decide: parsed } : { problem: `${JSON.stringify(broken)} is not a pattern` };
    } catch (fault) {
      return { problem: firstLine(fault) };
    }
  }

  return {
    about(facts, asked) {
      let leftMs = withinMs;
      /** Of those that may take long: a watch costs as much for all of them as for one. */
      const answers = new Map<string, boolean>();

      function holds(condition: string): boolean {
        const rule = read(condition);
        try {
          return 'decide' in rule && rule.decide(facts) === true;
        } catch {
          return false;
        }
      }

      function within(work: () => void): void {
        const began = performance.now();
        sandbox.work = work;
        try {
          // The engine stops whatever runs on this thread when the time is over, also inside a regular expression.
          watched.runInContext(sandbox, { timeout: Math.floor(leftMs) });
        } catch {
          leftMs = 0;
        } finally {
          leftMs -= performance.now() - began;
        }
      }

      return (condition) => {
        if (leftMs >= 1 && mayTakeLong.test(condition) && !answers.has(condition)) {
          const waiting = [condition, ...asked.filter((one) => mayTakeLong.test(one) && !answers.has(one))];
          within(() => {
            for (const one of waiting) answers.set(one, holds(one));
          });
        }
        const answer = answers.get(condition);
        if (answer !== undefined) return answer;
        if (leftMs < 1 || mayTakeLong.test(condition)) return false;
        const began = performance.now();
        const found = holds(condition);
        leftMs -= performance.now() - began;
        return found;
      };
    },

    problem(condition) {
      const rule = read(condition);
      return 'problem' in rule ? rule.problem : null;
    },
  };
}

const firstLine = (fault: unknown): string =>
  (fault instanceof Error ? fault.message : '').split('\n')[0] || 'it is not a condition';

/** Texts that `matches` compares with, where they are written out. */
function patternsIn(node: unknown): readonly string[] {
  if (Array.isArray(node)) return node.flatMap(patternsIn);
  if (!isNode(node)) return [];
  const { op, args } = node;
  const own =
    op === 'rcall' && args[0] === 'matches'
      ? args[2][0]
      : op === 'call' && args[0] === 'matches'
        ? args[1][1]
        : undefined;
  const text = own?.op === 'value' && typeof own.args === 'string' ? [own.args] : [];
  return [...text, ...patternsIn(args)];
}

const isNode = (value: unknown): value is ASTNode =>
  typeof value === 'object' && value !== null && 'op' in value && 'args' in value;

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
