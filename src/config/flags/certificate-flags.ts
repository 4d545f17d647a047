/** Flags: certificates and the authority that signs them. */
import type { Flag } from '../flag.ts';

export const CERTIFICATE_FLAGS: readonly Flag[] = [
  {
    name: '--ca-cert',
    key: 'ca_cert',
    argument: 'FILE',
    takes: 'text',
    isPath: true,
    defaultText: 'a CA of its own',
    group: 'Certificates',
    help: 'PEM certificate of an existing CA to sign with; needs --ca-key',
  },
  {
    name: '--ca-key',
    key: 'ca_key',
    argument: 'FILE',
    takes: 'text',
    isPath: true,
    defaultText: 'a CA of its own',
    group: 'Certificates',
    help: 'PEM private key of that CA; needs --ca-cert',
  },
  {
    name: '--state-dir',
    key: 'state_dir',
    argument: 'DIR',
    takes: 'text',
    isPath: true,
    defaultText: "the user's state directory",
    group: 'Certificates',
    help: 'where the CA is kept (fault-ca.crt and fault-ca.key)',
    details:
      '`$XDG_STATE_HOME/anthropic-error-plugin` or `~/.local/state/anthropic-error-plugin` on Linux, `~/Library/Application Support/anthropic-error-plugin` on macOS, `%LOCALAPPDATA%\\anthropic-error-plugin` on Windows.',
  },
  {
    name: '--export-ca',
    argument: 'FILE',
    takes: 'text',
    isPath: true,
    group: 'Certificates',
    help: 'write the CA certificate to FILE and exit',
    details: 'An existing file is overwritten only if it is a PEM certificate.',
  },
  {
    name: '--install-ca',
    takes: 'switch',
    group: 'Certificates',
    help: 'print the steps to trust the CA on this machine and others, and exit',
  },
];
