// Package workload is the catalog of labs: one family a file, wrong versions and
// right ones side by side. Neighbours differ by the fix only.
package workload
