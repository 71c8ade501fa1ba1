package main

import "runtime/debug"

// release is set by the linker for releases: -ldflags "-X main.release=v1.2.3".
var release string

// version is the release, or what the Go toolchain knows of a build from source.
func version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	rev, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12:
			rev = s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+changes"
		}
	}
	if rev == "" {
		return "development"
	}
	return "development " + rev + dirty
}
