/**
 * Mocha's spec reporter that also leaves its results as JSON in the file that TEST_REPORT names.
 * The same for the suites on Node, in the extension host and in the browser, so that one summary can
 * add them up; a missing report means that the run died.
 */
const { writeFileSync } = require('node:fs');
const { reporters } = require('mocha');

module.exports = class SpecWithReport extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const rows = [];
    const add = (state) => (test) => rows.push({ title: test.fullTitle(), state });
    runner.on('pass', add('passed'));
    runner.on('fail', add('failed'));
    runner.on('pending', add('skipped'));
    runner.once('end', () => {
      const file = process.env['TEST_REPORT'];
      if (file) writeFileSync(file, JSON.stringify(rows));
    });
  }
};
