package report

import "strconv"

// field is a column of CSV. Its title is that of the field in JSON.
type field struct {
	title string
	text  func(row int) string
}

func imageRecord(lines []Line) []field {
	return []field{
		{"reference", func(i int) string { return lines[i].Reference }},
		{"name", func(i int) string { return lines[i].Name }},
		{"registry", func(i int) string { return lines[i].Registry }},
		{"tag", func(i int) string { return lines[i].Tag }},
		{"digest", func(i int) string { return lines[i].Digest }},
		{"config_id", func(i int) string { return lines[i].ConfigID }},
		{"flags", func(i int) string { return joined(words(lines[i].Flags)) }},
		{"pods", func(i int) string { return strconv.Itoa(lines[i].Pods) }},
		{"running", func(i int) string { return strconv.Itoa(lines[i].Running) }},
		{"containers", func(i int) string { return strconv.Itoa(lines[i].Containers) }},
		{"namespaces", func(i int) string { return joined(lines[i].Namespaces) }},
		{"workloads", func(i int) string { return joined(lines[i].Workloads) }},
		{"nodes", func(i int) string { return joined(lines[i].Nodes) }},
		{"platforms", func(i int) string { return joined(lines[i].Platforms) }},
		{"kinds", func(i int) string { return joined(words(lines[i].Kinds)) }},
		{"digest_repository", func(i int) string { return lines[i].DigestRepository }},
	}
}

func groupRecord(groups []Group) []field {
	return []field{
		{"name", func(i int) string { return groups[i].Name }},
		{"namespace", func(i int) string { return groups[i].Namespace }},
		{"platform", func(i int) string { return groups[i].Platform }},
		{"pods", func(i int) string { return strconv.Itoa(groups[i].Pods) }},
		{"running", func(i int) string { return strconv.Itoa(groups[i].Running) }},
		{"containers", func(i int) string { return strconv.Itoa(groups[i].Containers) }},
		{"without_digest", func(i int) string { return strconv.Itoa(groups[i].WithoutDigest) }},
		{"images", func(i int) string { return joined(groups[i].Images) }},
	}
}

func seenRecord(lines []Line) []field {
	if len(lines) == 0 || lines[0].SeenSpan == nil {
		return nil
	}

	return []field{
		{"first_seen", func(i int) string { return lines[i].First.record() }},
		{"last_seen", func(i int) string { return lines[i].Last.record() }},
	}
}
