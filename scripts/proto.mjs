// Makes src/grpc/gen/plugin_pb.ts of src/grpc/proto/plugin.proto (run by `npm run proto`; needs no network).
// With --check it writes nothing, and fails where the file is not what the proto makes of it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = join(root, 'src', 'grpc', 'gen', 'plugin_pb.ts');
const made = withErasableEnums(generate());

if (!process.argv.includes('--check')) writeFileSync(target, made);
else if (readFileSync(target, 'utf8') !== made) {
  console.error('src/grpc/gen/plugin_pb.ts is not what plugin.proto makes of it: run `npm run proto`');
  process.exit(1);
}

function generate() {
  const require = createRequire(import.meta.url);
  const out = mkdtempSync(join(tmpdir(), 'proto-'));
  try {
    const plugin = { local: [process.execPath, bin('@bufbuild/protoc-gen-es')], out, opt: ['target=ts'] };
    const template = JSON.stringify({ version: 'v2', plugins: [plugin] });
    const args = ['generate', join('src', 'grpc', 'proto'), '--template', template];
    execFileSync(process.execPath, [bin('@bufbuild/buf', 'buf'), ...args], { cwd: root, stdio: 'inherit' });
    return readFileSync(join(out, 'plugin_pb.ts'), 'utf8');
  } finally {
    rmSync(out, { recursive: true, force: true });
  }

  /** Path of a package's program. */
  function bin(name, program) {
    const manifest = require.resolve(`${name}/package.json`);
    const { bin } = JSON.parse(readFileSync(manifest, 'utf8'));
    return join(manifest, '..', typeof bin === 'string' ? bin : bin[program ?? name.split('/')[1]]);
  }
}

/** An enum is the one construct that TypeScript cannot just erase: the same names as an object and a type. */
function withErasableEnums(text) {
  return text.replace(
    /^export enum (\w+) \{\n(.*?)^\}$/gms,
    (_whole, name, body) =>
      `export const ${name} = {\n${body.replace(/^( +\w+) = (\d+),$/gm, '$1: $2,')}} as const;\nexport type ${name} = (typeof ${name})[keyof typeof ${name}];`,
  );
}
