import { strict as assert } from 'node:assert';
import { isSecretFile } from '../../../../src/extension/ignore/secretFiles';

describe('isSecretFile()', () => {
  const secret = [
    '/w/.env',
    '/w/.env.production',
    '/w/.ENV',
    '/w/.envrc',
    '/w/prod.env',
    '/w/a/.dev.vars',
    '/w/server.pem',
    '/w/SERVER.KEY',
    '/w/cert.p12',
    '/w/store.jks',
    '/home/me/.ssh/config',
    '/home/me/.ssh/id_ed25519_work',
    '/home/me/id_rsa.pub',
    '/home/me/.aws/config',
    '/home/me/.config/gcloud/anything',
    '/home/me/.config/gh/hosts.yml',
    '/home/me/.kube/config',
    '/home/me/.docker/config.json',
    '/home/me/.gnupg/x',
    '/w/.npmrc',
    '/w/.netrc',
    '/w/_netrc',
    '/w/.git-credentials',
    '/w/credentials',
    '/w/credentials.json',
    '/w/secrets.yaml',
    '/w/secret.toml',
    '/w/client_secret_123.json',
    '/w/my-service-account-prod.json',
    '/w/terraform.tfvars',
    '/w/terraform.tfstate.backup',
    '/w/api.token',
    '/c:/Users/me/project/.env',
    '/C:/Users/me/.ssh/known_hosts',
  ];
  for (const path of secret) it(`holds ${path} back`, () => assert(isSecretFile(path)));

  const code = [
    '/w/environment.ts',
    '/w/env.ts',
    '/w/src/secrets/index.ts',
    '/w/src/secrets.ts',
    '/w/credentials.py',
    '/w/credentials/store.go',
    '/w/keys.ts',
    '/w/token.ts',
    '/w/config.json',
    '/w/secrets.d/readme.txt',
    '/c:/src/main.c',
    'Untitled-1',
    '/',
    '',
  ];
  for (const path of code)
    it(`lets ${path || 'no path'} through`, () => assert(!isSecretFile(path)));
});
