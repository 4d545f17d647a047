/** Every place where the certificate can be trusted, and how it is taken out again. Put together by `trust.ts`. */
import type { CertificateDescription } from './describe.ts';
import { quotePosix } from './quote.ts';

export type Machine = 'macos' | 'debian' | 'rhel' | 'windows';

export interface TrustPlace {
  readonly id: Machine | 'node' | 'python' | 'go' | 'curl' | 'firefox' | 'java';
  readonly title: string;
  /** Lines to type, or to do by hand. */
  readonly install: readonly string[];
  readonly remove: readonly string[];
}

export interface TrustFacts {
  readonly certificate: CertificateDescription;
  /** Absolute path of the certificate's file. */
  readonly certificatePath: string;
  /** A PEM bundle of the system's roots, where this machine has one. */
  readonly systemRootsPath?: string | undefined;
}

const FILE_NAME = 'anthropic-error-plugin.crt';
const ALIAS = 'anthropic-error-plugin';
const KEYCHAIN = '~/Library/Keychains/login.keychain-db';

/** All places, operating systems first. */
export function trustPlaces(facts: TrustFacts): TrustPlace[] {
  return [...systems(facts), ...runtimes(facts), ...applications(facts)];
}

function systems({ certificate, certificatePath }: TrustFacts): TrustPlace[] {
  const file = quotePosix(certificatePath);
  const thumbprint = certificate.sha1.replaceAll(':', '');
  const copied = (directory: string, update: string): Pick<TrustPlace, 'install' | 'remove'> => ({
    install: [`sudo cp ${file} ${directory}/${FILE_NAME}`, `sudo ${update}`],
    remove: [`sudo rm ${directory}/${FILE_NAME}`, `sudo ${update}`],
  });
  return [
    {
      id: 'macos',
      title: 'macOS (your login keychain, for TLS only; asks for your password)',
      install: [`security add-trusted-cert -r trustRoot -p ssl -k ${KEYCHAIN} ${file}`],
      remove: [`security delete-certificate -t -Z ${thumbprint} ${KEYCHAIN}`],
    },
    {
      id: 'debian',
      title: 'Debian, Ubuntu',
      ...copied('/usr/local/share/ca-certificates', 'update-ca-certificates'),
    },
    {
      id: 'rhel',
      title: 'RHEL, Fedora',
      ...copied('/etc/pki/ca-trust/source/anchors', 'update-ca-trust'),
    },
    {
      id: 'windows',
      title: 'Windows (for your user; asks to confirm)',
      install: [`certutil -user -addstore Root "${certificatePath}"`],
      remove: [`certutil -user -delstore Root ${thumbprint}`],
    },
  ];
}

function runtimes({ certificatePath, systemRootsPath }: TrustFacts): TrustPlace[] {
  const file = quotePosix(certificatePath);
  const roots = systemRootsPath ? quotePosix(systemRootsPath) : '"$(python3 -m certifi)"';
  const bundle = `cat ${roots} ${file} > ca-bundle.pem`;
  const unset = (...names: readonly string[]): string[] => [`unset ${names.join(' ')}`];
  return [
    {
      id: 'node',
      title: 'Node (added to its own roots; must be set when node starts)',
      install: [`export NODE_EXTRA_CA_CERTS=${file}`],
      remove: unset('NODE_EXTRA_CA_CERTS'),
    },
    {
      id: 'python',
      title:
        'Python: ssl, httpx, the Anthropic SDK, requests (the file replaces the roots, so both go into it)',
      install: [bundle, 'export SSL_CERT_FILE="$PWD/ca-bundle.pem" REQUESTS_CA_BUNDLE="$PWD/ca-bundle.pem"'],
      remove: [...unset('SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE'), 'rm ca-bundle.pem'],
    },
    {
      id: 'go',
      title: 'Go on Linux (on macOS and Windows it asks the system: see there)',
      install: [bundle, 'export SSL_CERT_FILE="$PWD/ca-bundle.pem"'],
      remove: [...unset('SSL_CERT_FILE'), 'rm ca-bundle.pem'],
    },
    {
      id: 'curl',
      title: 'curl (for one call: --cacert with the certificate alone)',
      install: [bundle, 'export CURL_CA_BUNDLE="$PWD/ca-bundle.pem"'],
      remove: [...unset('CURL_CA_BUNDLE'), 'rm ca-bundle.pem'],
    },
  ];
}

function applications({ certificate, certificatePath }: TrustFacts): TrustPlace[] {
  const file = quotePosix(certificatePath);
  return [
    {
      id: 'firefox',
      title: 'Firefox (keeps roots of its own)',
      install: [
        'Settings > Privacy & Security > Certificates > View Certificates > Authorities > Import...',
        `Choose ${certificatePath} and tick "Trust this CA to identify websites".`,
      ],
      remove: [
        `Settings > Privacy & Security > Certificates > View Certificates > Authorities > "${certificate.name}" > Delete or Distrust...`,
      ],
    },
    {
      id: 'java',
      title: 'Java (the running JDK or JRE; with sudo where it belongs to the system)',
      install: [`keytool -importcert -noprompt -cacerts -storepass changeit -alias ${ALIAS} -file ${file}`],
      remove: [`keytool -delete -cacerts -storepass changeit -alias ${ALIAS}`],
    },
  ];
}
