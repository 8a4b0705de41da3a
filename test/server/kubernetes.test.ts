/**
 * deploy/kubernetes against what it runs: its flags are taken by the real `lacuna serve`, its probes and its
 * metric are answered by it, its times leave room for the drain, its selectors meet. Against the schemas
 * that Kubernetes publishes where they are installed (LACUNA_TEST_KUBERNETES=1), with the GPU overlay as
 * kubectl puts it together where there is one.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { ask, testToken, useServe } from './serveProcess';
import { runCli, useTinyModel } from './tinyModel';

const schemas = process.env['KUBERNETES_SCHEMAS'];
const kubectl = process.env['KUBECTL_BIN'];
const versions = ['1.29', '1.33', '1.37'];

/** Fields are looked into where they are expected; a missing one fails the test that looks. */
type Manifest = any;

function documents(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => {
    assert.deepEqual(document.errors, []);
    return document.toJS() as Manifest;
  });
}

function built(folder: string): Manifest[] {
  const { status, stdout, stderr } = spawnSync(kubectl!, ['kustomize', folder]);
  assert.equal(status, 0, String(stderr));
  return documents(String(stdout));
}

const validate = `
import json, sys, kubernetes_validate
for version in sys.argv[1:]:
    for manifest in json.load(open("manifests.json")):
        kubernetes_validate.validate(manifest, version, strict=True)
        print(version, manifest["kind"])
`;

describe('the manifests for Kubernetes', () => {
  const inFolder = useTinyModel();
  const start = useServe();
  const all = documents(readFileSync('deploy/kubernetes/lacuna.yaml', 'utf8'));
  const of = (kind: string): Manifest => all.find((manifest) => manifest.kind === kind)!;
  const pod = of('Deployment').spec.template;
  const [container] = pod.spec.containers;
  /** With the token file of the test in place of the mounted one. */
  const flags = () => {
    writeFileSync(inFolder('tokens'), `${testToken}\n`, { mode: 0o600 });
    return (container.args as string[]).map((flag) =>
      flag.replace('/tokens/tokens', inFolder('tokens')),
    );
  };

  it('start the real server, which answers their probes and tells their metric', async () => {
    const { url, child, ended } = await start(inFolder('model'), ...flags());
    for (const name of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
      const { path, port } = container[name].httpGet;
      assert.equal(port, 'http');
      // As kubelet asks: by the address of the pod, without a token.
      const { status } = await ask(`${url}${path}`, { headers: { authorization: undefined } });
      assert.equal(status, 200, name);
    }
    const [endpoint] = of('PodMonitor').spec.podMetricsEndpoints;
    const { text } = await ask(`${url}${endpoint.path}`);
    for (const { pods } of of('HorizontalPodAutoscaler').spec.metrics) {
      assert.match(text, new RegExp(`^# TYPE ${pods.metric.name} gauge$`, 'm'));
    }
    for (const { host } of of('Ingress').spec.rules) {
      const body = { parts: [{ text: 'x = ' }, { gap: { length: 1 } }] };
      const { status } = await ask(`${url}/v1/infill`, { headers: { host }, body });
      assert.equal(status, 200, `what the ingress passes on for ${host}`);
    }
    child.kill('SIGTERM');
    assert.equal((await ended).code, 0);
  });

  it('leave time for the drain before a pod is killed', () => {
    const [, seconds] = container.lifecycle.preStop.exec.command;
    const drain = (container.args as string[]).find((flag) => flag.startsWith('--drain-seconds='))!;
    const needed = Number(seconds) + Number(drain.split('=')[1]) + 3; // to close what is still open
    assert.ok(pod.spec.terminationGracePeriodSeconds >= needed);
    const { periodSeconds, failureThreshold } = container.readinessProbe;
    assert.ok(
      periodSeconds * failureThreshold < Number(seconds),
      'it is seen to go before it goes',
    );
  });

  it('name one another rightly', async () => {
    const { labels } = pod.metadata;
    const selectors = [
      of('Deployment').spec.selector.matchLabels,
      of('Service').spec.selector,
      of('PodDisruptionBudget').spec.selector.matchLabels,
      of('NetworkPolicy').spec.podSelector.matchLabels,
      of('PodMonitor').spec.selector.matchLabels,
    ];
    for (const selector of selectors) {
      for (const [key, value] of Object.entries(selector)) assert.equal(labels[key], value);
    }
    const [{ name, containerPort }] = container.ports;
    const [servicePort] = of('Service').spec.ports;
    assert.equal(servicePort.targetPort, name);
    assert.equal(of('NetworkPolicy').spec.ingress[0].ports[0].port, name);
    assert.equal(of('PodMonitor').spec.podMetricsEndpoints[0].port, name);
    const { backend } = of('Ingress').spec.rules[0].http.paths[0];
    assert.deepEqual(backend.service, {
      name: of('Service').metadata.name,
      port: { name: servicePort.name },
    });
    const target = of('HorizontalPodAutoscaler').spec.scaleTargetRef;
    assert.deepEqual([target.kind, target.name], ['Deployment', of('Deployment').metadata.name]);
    assert.ok(
      of('HorizontalPodAutoscaler').spec.minReplicas > of('PodDisruptionBudget').spec.minAvailable,
    );
    const { out } = await runCli(['serve', '--help']);
    assert.match(out, new RegExp(`--port <n>[^\\n]*\\n?[^\\n]*default: ${containerPort}\\b`));
    assert.match(out, /--max-body <mib>[^)]*default: 2\)/);
    const annotations = of('Ingress').metadata.annotations;
    assert.equal(annotations['nginx.ingress.kubernetes.io/proxy-body-size'], '2m');
  });

  it('let nobody but the user of the image in, and nothing but /tmp be written', () => {
    const volumes = new Map(pod.spec.volumes.map((volume: Manifest) => [volume.name, volume]));
    const writable = container.volumeMounts.filter((mount: Manifest) => mount.readOnly !== true);
    assert.deepEqual(
      writable.map(({ mountPath }: Manifest) => mountPath),
      ['/tmp'],
    );
    for (const mount of container.volumeMounts) assert.ok(volumes.has(mount.name), mount.name);
    assert.equal(container.securityContext.readOnlyRootFilesystem, true);
    assert.equal(pod.spec.securityContext.runAsNonRoot, true);
    assert.equal((volumes.get('tokens') as Manifest).secret.defaultMode, 0o440);
    assert.equal(container.env[0].value, '/tmp');
  });

  it('are what the schemas of Kubernetes want', function () {
    if (schemas === undefined) return this.skip();
    const overlay = kubectl === undefined ? [] : built('deploy/kubernetes-gpu');
    // PodMonitor is no kind of Kubernetes itself.
    const known = [...all, ...overlay].filter(({ kind }) => kind !== 'PodMonitor');
    writeFileSync(inFolder('manifests.json'), JSON.stringify(known));
    const { status, stdout, stderr } = spawnSync(schemas, ['-c', validate, ...versions], {
      cwd: inFolder(),
    });
    assert.equal(status, 0, String(stderr).slice(-1500));
    assert.equal(String(stdout).trim().split('\n').length, known.length * versions.length);
    const [deployment, ...others] = known;
    const wrong = { ...deployment, spec: { ...deployment.spec, replica: 2 } };
    writeFileSync(inFolder('manifests.json'), JSON.stringify([wrong, ...others]));
    const refused = spawnSync(schemas, ['-c', validate, '1.33'], { cwd: inFolder() });
    assert.equal(refused.status, 1);
    assert.match(String(refused.stderr), /replica/);
  }).timeout(120_000);

  it('give each worker a GPU where that is wished', async function () {
    if (kubectl === undefined) return this.skip();
    assert.deepEqual(
      built('deploy/kubernetes')
        .map(({ kind }) => kind)
        .toSorted(),
      all.map(({ kind }) => kind).toSorted(),
    );
    const deployment = built('deploy/kubernetes-gpu').find(({ kind }) => kind === 'Deployment')!;
    const [worker] = deployment.spec.template.spec.containers;
    assert.deepEqual(worker.resources.limits, { memory: '4Gi', 'nvidia.com/gpu': 1 });
    assert.equal(worker.image, 'registry.example.org/lacuna-gpu:0.1.0');
    assert.deepEqual(worker.args, [...container.args, '--device=cuda']);
    assert.deepEqual(deployment.spec.strategy.rollingUpdate, { maxUnavailable: 1, maxSurge: 0 });
    const { out } = await runCli(['serve', '--help']);
    assert.match(out, /--device [^]*cuda/);
  });
});
