/** Clients that CI installs, without trust in our CA. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeUntrusting } from '../support/describe-untrusting.ts';
import { nodeProgram } from '../support/run-program.ts';
import { installClaudeCode, installGo, installNode, installPython, PYTHON_VERSIONS } from './install.ts';

const PYTHON = 'Python: set SSL_CERT_FILE=';
const URLLIB = `import urllib.request; urllib.request.urlopen('https://api.anthropic.com/v1/models')`;

describeUntrusting([
  ...PYTHON_VERSIONS.map((version) => ({
    title: `Python anthropic ${version}`,
    command: () => [
      join(installPython(version), 'bin', 'python'),
      '-c',
      'import anthropic; anthropic.Anthropic(max_retries=0).models.list()',
    ],
    says: PYTHON,
  })),
  { title: 'Python urllib', command: () => ['python3', '-c', URLLIB], says: PYTHON },
  { title: 'the Go SDK', command: () => [installGo(), 'json-once'], says: 'Go: set SSL_CERT_FILE=' },
  {
    title: 'Claude Code',
    command: () => [join(installClaudeCode(), 'node_modules', '.bin', 'claude'), '-p', 'Say hello.'],
    env: {
      HOME: tmpdir(),
      CLAUDE_CODE_TMPDIR: tmpdir(),
      CLAUDE_CODE_MAX_RETRIES: '0',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    },
    says: 'Claude Code: set NODE_EXTRA_CA_CERTS=',
  },
  ...[22, 24, 26].map((major) => ({
    title: `fetch on Node ${major}`,
    command: () => [...nodeProgram('fetch', installNode(major)), 'json-once'],
    says: 'Node: set NODE_EXTRA_CA_CERTS=',
  })),
]);
