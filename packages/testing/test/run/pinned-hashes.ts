/**
 * What seeds do, on every version of Node, in a browser page, on every machine. They change when the simulation does, or the service that is simulated: then write down
 * the new ones, and say in the change log that seeds no longer do what they did.
 */
export const HASHES: Readonly<Record<string, string>> = {
  first: '16b5246bc2fbe1be',
  second: '40a185bf138b2c67',
  third: 'fcd5f34e3b818cd6',
  fourth: 'b6a86d70d52c1996',
  fifth: 'f8cf7ca18b45dd86',
  sixth: 'ce35a57e4d99c7d7',
}
