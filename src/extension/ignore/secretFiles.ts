/**
 * The usual homes of secrets, in the syntax of .gitignore: what Lacuna reads under no setting. Compared
 * without regard to case, against whole paths, so that a folder such as `.ssh` counts wherever it is.
 * Knows no editor and no file system.
 */
import { IgnoreRules } from './ignoreRules';

const secretFiles = [
  // Environments
  '.env*',
  '*.env',
  '.envrc',
  '.dev.vars*',
  'local.settings.json',
  // Keys, certificates, stores of them
  '*.pem',
  '*.key',
  '*.p8',
  '*.p12',
  '*.pfx',
  '*.pkcs12',
  '*.crt',
  '*.cer',
  '*.der',
  '*.p7b',
  '*.p7c',
  '*.jks',
  '*.keystore',
  '*.truststore',
  '*.keytab',
  '*.asc',
  '*.gpg',
  '*.pgp',
  '*.age',
  '*.ppk',
  '*.kdb',
  '*.kdbx',
  '*.ovpn',
  'id_rsa*',
  'id_dsa*',
  'id_ecdsa*',
  'id_ed25519*',
  '.password-store/',
  // Credentials of tools and clouds
  '.netrc',
  '_netrc',
  '.npmrc',
  '.pypirc',
  '.pgpass',
  'pgpass.conf',
  '.my.cnf',
  '.htpasswd',
  '.git-credentials',
  '.dockercfg',
  '.dockerconfigjson',
  '.s3cfg',
  '.boto',
  '.vault-token',
  '.terraformrc',
  'terraform.rc',
  'kubeconfig',
  '.ssh/',
  '.gnupg/',
  '.aws/',
  '.azure/',
  '.gcp/',
  '**/.config/gcloud/',
  '**/.config/gh/',
  '.kube/',
  '.docker/',
  'application_default_credentials.json',
  'client_secret*.json',
  '*service[-_]account*.json',
  '*serviceaccount*.json',
  'credentials',
  'credentials.*',
  'secret.{json,yml,yaml,toml,ini}',
  'secrets',
  'secrets.*',
  '*.secret',
  '*.secrets',
  '*.token',
  '*.tfstate',
  '*.tfstate.*',
  '*.tfvars',
  '*.tfvars.json',
  // Folders of code and code itself, named after what they are about.
  '!credentials/',
  '!credentials.*/',
  '!secrets/',
  '!secrets.*/',
  '!credentials.{ts,tsx,js,jsx,mjs,cjs,py,go,rs,java,kt,cs,rb,php,swift,c,cc,cpp,h,md}',
  '!secrets.{ts,tsx,js,jsx,mjs,cjs,py,go,rs,java,kt,cs,rb,php,swift,c,cc,cpp,h,md}',
].flatMap(expanded);

const rules = IgnoreRules.parse(secretFiles.join('\n'));

/** @param path of a URI: `/home/me/.ssh/config`, `/c:/x/.env`. */
export function isSecretFile(path: string): boolean {
  return rules.ignores(path);
}

/** The syntax of .gitignore has no braces. */
function expanded(pattern: string): string[] {
  const braces = /^(.*)\{(.*)\}(.*)$/.exec(pattern);
  if (!braces) return [pattern];
  return braces[2]!.split(',').map((choice) => `${braces[1]}${choice}${braces[3]}`);
}
