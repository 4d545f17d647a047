/** Keys for a program that talks to the stand-in: it takes any, and whoever goes past it pays with a real one. */

const DUMMY_KEY = 'sk-ant-dummy-key-for-the-stand-in';
/** What SDKs and Claude Code read, by the way they are named: those of tomorrow, too. */
const KEY = /^(ANTHROPIC|CLAUDE)_(\w+_)?(KEY|TOKEN|SECRET)$/;
/** The same for a bearer token of Amazon Bedrock, which serves nothing but models. */
const OTHER_KEYS: readonly string[] = ['AWS_BEARER_TOKEN_BEDROCK'];
/** They open no account: the first is a secret between two servers, the second the name of a file. */
const NO_KEYS: readonly string[] = ['ANTHROPIC_WEBHOOK_SIGNING_KEY', 'CLAUDE_CODE_CLIENT_KEY'];
/** Names of files and descriptors that hold keys, and what makes Claude Code call another API than the stand-in's. */
const LEFT_OUT =
  /^(ANTHROPIC|CLAUDE)_\w*(KEY|TOKEN|SECRET)_FILE(_DESCRIPTOR)?$|^CLAUDE_CODE_USE_(BEDROCK|VERTEX|FOUNDRY|MANTLE|ANTHROPIC_AWS)$/;
const HEADERS = 'ANTHROPIC_CUSTOM_HEADERS';
const SECRET_HEADER = /auth|key|token|secret|cookie/i;

export interface DummyKeys {
  /** To set; empty is as good as not set for every program that reads them. */
  readonly variables: Readonly<Record<string, string>>;
  /** Names of the user's variables that are not handed on as they are. */
  readonly withheld: readonly string[];
}

/** @param env the user's */
export function dummyKeys(env: Readonly<Record<string, string | undefined>>): DummyKeys {
  const given = Object.entries(env).flatMap(([name, value]): [string, string][] => {
    const instead = value ? dummy(name.toUpperCase(), value) : undefined;
    return instead === undefined || instead === value ? [] : [[name, instead]];
  });
  const named = (name: string): boolean =>
    Object.keys(env).some((key) => key.toUpperCase() === name && env[key]);
  const needed = !named('ANTHROPIC_API_KEY') && !named('ANTHROPIC_AUTH_TOKEN');
  return {
    variables: { ...Object.fromEntries(given), ...(needed ? { ANTHROPIC_API_KEY: DUMMY_KEY } : {}) },
    withheld: given.map(([name]) => name),
  };
}

/** What stands for a value; undefined for what holds no key. */
function dummy(name: string, value: string): string | undefined {
  if (NO_KEYS.includes(name)) return undefined;
  if (KEY.test(name) || OTHER_KEYS.includes(name)) return DUMMY_KEY;
  if (LEFT_OUT.test(name)) return '';
  return name === HEADERS ? withoutSecrets(value) : undefined;
}

/** `Name: value`, one a line. */
function withoutSecrets(headers: string): string {
  const lines = headers.split('\n');
  return lines.filter((line) => !SECRET_HEADER.test(line.split(':', 1)[0] ?? '')).join('\n');
}
