package bot

import (
	"strconv"
	"strings"
)

// A button's value is its line and, on a card, the stage it was shown in: "deploy cancel d-4kq7x2m9wz #2". A line that ends
// like a mark itself, "pipeline watch #12", gets one of stage 0 where it has no other.

func withStage(line string, stage int) string {
	if cut, _ := cutStage(line); line == "" || stage == 0 && cut == line {
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
