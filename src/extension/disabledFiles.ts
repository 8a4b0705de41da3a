/**
 * Files whose text Lacuna never reads: the usual homes of secrets, always, and what the setting
 * `lacuna.disabledFiles` adds. The matching is VS Code's own.
 */
import * as vscode from 'vscode';

/** Environment files, private keys, certificates, password stores, credentials of tools. */
const secretFiles = [
  '**/.env',
  '**/.env.*',
  '**/*.env',
  '**/.envrc',
  '**/*.{pem,key,pfx,p12,crt,cer,der,jks,keystore,asc,gpg,pgp,ppk,kdbx,ovpn}',
  '**/id_{rsa,dsa,ecdsa,ed25519}{,.pub}',
  '**/.{netrc,npmrc,pypirc,pgpass,htpasswd,git-credentials,dockercfg}',
  '**/.{ssh,gnupg,aws,azure,kube,docker}/**',
  '**/{credentials,secrets}{,.json,.yml,.yaml,.toml,.ini}',
  '**/*.tfstate{,.backup}',
  '**/*.tfvars',
];

export function isDisabledFile(
  document: vscode.TextDocument,
  userGlobs: readonly string[],
): boolean {
  return [...secretFiles, ...userGlobs].some(
    (pattern) => vscode.languages.match({ pattern }, document) > 0,
  );
}
