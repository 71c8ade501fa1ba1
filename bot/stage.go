package bot

import (
	"strconv"
	"strings"
)

// A button's value is its line and, on a card, the stage it was shown in: "deploy cancel d-4kq7x2m9wz #2". The mark cannot
// be typed, since a "#" followed by digits at a line's end is no argument of any command's button.

func withStage(line string, stage int) string {
	if stage == 0 || line == "" {
		return line
	}
	return line + " #" + strconv.Itoa(stage)
}

func cutStage(value string) (line string, stage int) {
	i := strings.LastIndex(value, " #")
	if i < 0 {
		return value, 0
	}
	n, err := strconv.Atoi(value[i+2:])
	if err != nil {
		return value, 0
	}
	return value[:i], n
}
