/**
 * Conformance suites as data: what every implementation of an interface must do, for any test runner.
 * @packageDocumentation
 */
export {}
