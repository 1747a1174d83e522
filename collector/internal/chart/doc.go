// Package chart tests the Helm chart in charts/stocktake, and keeps what is
// derived there fresh.
//
// A chart is a program in a language without types, so nothing about it is
// believed that was not rendered: every test hands values to helm and reads the
// objects that come out as the types of the Kubernetes API, strictly. helm comes from
// its pinned module: its packages render, in .ci/release/template, one process for all
// tests; helm itself lints and installs, and shows by some releases that it renders
// the same. What only an API server can judge (admission, Pod Security, rights) a real
// one judges.
//
// Chart and program meet in four places, and each is held by a test rather than by
// care: the schema of the values knows every setting of the program; what the
// chart mounts at /etc/config is loaded by the program itself; the exit codes that
// end a Job are those for which the program's table says that a retry is no help;
// and the role that is rendered grants exactly what a run asks for, by the API
// server's own audit log.
//
// values.yaml is the one place where a value is described. values.schema.json, the
// table in the chart's README.md and templates/_generated.tpl are made from it and
// from the program (UPDATE_GOLDEN=1, or make chart-docs).
package chart
