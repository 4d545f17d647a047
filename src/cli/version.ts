/** The version of the package. */
import packageJson from '../../package.json' with { type: 'json' };

/** `1.2.3`. */
export const packageVersion: string = packageJson.version;
