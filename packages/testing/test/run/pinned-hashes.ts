/**
 * What seeds do, on every version of Node, in a browser page, on every machine. They change when the simulation does, or the service that is simulated: then write down
 * the new ones, and say in the change log that seeds no longer do what they did.
 */
export const HASHES: Readonly<Record<string, string>> = {
  first: '4aede6e5ce4996d8',
  second: '0897816e8eadd7c0',
  third: '91d262f831fadfd3',
  fourth: '988bca3f4658a14d',
  fifth: '530c291830520ba0',
  sixth: '018f0ad2e2454677',
}
