/**
 * VS Code's own network settings in the words of the protocol, so that a download goes the way that
 * the editor goes. Pure over the shape of its configuration.
 */
import type { NetworkWish } from '../../protocol/modelMessages';

/** Of the section `http`; values of a wrong type count as absent. */
export function proxyWish(http: { get(name: string): unknown }): NetworkWish {
  const [support, proxy, noProxy] = ['proxySupport', 'proxy', 'noProxy'].map((name) =>
    http.get(name),
  );
  const strict = http.get('proxyStrictSSL');
  const isUsed = support !== 'off' && typeof proxy === 'string' && proxy.trim() !== '';
  const hosts = Array.isArray(noProxy) ? noProxy.filter((host) => typeof host === 'string') : [];
  return {
    ...(isUsed && { proxy: proxy.trim() }),
    ...(hosts.length > 0 && { noProxy: hosts }),
    ...(strict === false && { strictTls: false }),
  };
}
