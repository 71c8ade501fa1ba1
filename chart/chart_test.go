package chart

import (
	"bytes"
	"image/png"
	"os"
	"strings"
	"testing"
)

// story is a picture with everything in it.
func story() Picture {
	return Picture{
		Title: "checkout in production", Subtitle: "90 days to 20 Nov 2026, UTC",
		Figures: []Figure{
			{"Deployment frequency", "2.4 a week", "31 deployments on 22 days"},
			{"Lead time for changes", "3 h 20 min", "median of 28"},
			{"Change fail rate", "7 %", "2 of 29 rolled back"},
			{"Failed deployment recovery", "18 min", "median of 2"},
			{"Rework rate", "6 %", "2 of 31 were rollbacks"},
		},
		Columns: Columns{Title: "Deployments in each 7 days", None: "No data",
			Labels: []string{"22 Aug", "", "", "12 Sep", "", "", "3 Oct", "", "", "24 Oct", "", "", "14 Nov"},
			Stacks: []Stack{
				{"stayed", Good, []int{2, 3, 1, 0, 4, 2, 2, 3, 0, 2, 3, 3, 2}},
				{"rolled back", Bad, []int{0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0}},
				{"rollback", Other, []int{0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0}}}},
		RowsTitle: "Where the time of 31 deployments went", NoRows: "No data",
		Rows: []Row{{"approvals", 52000, "14 h 27 min · 12 of 31"}, {"checks", 14000, "3 h 53 min · 20 of 31"}, {"start", 900, "15 min · 2 of 31"},
			{"runner", 1300, "22 min · 31 of 31"}, {"run", 9000, "2 h 30 min · 31 of 31"}},
	}
}

// A picture is as large as what is in it, and the same numbers make the same picture.
func TestPicture(t *testing.T) {
	t.Parallel()
	full := drawn(t, story())
	if path := os.Getenv("CHART"); path != "" {
		_ = os.WriteFile(path, full, 0o600)
	}
	if !bytes.Equal(full, drawn(t, story())) {
		t.Error("the same numbers make two pictures")
	}
	size, err := png.DecodeConfig(bytes.NewReader(full))
	if err != nil || size.Width != 960 || size.Height < 960 || size.Height > 1300 || len(full) > 200_000 {
		t.Errorf("%+v, %d bytes, %v", size, len(full), err)
	}
	less := story()
	less.Columns.Stacks[1].Counts[4] = 0
	if bytes.Equal(full, drawn(t, less)) {
		t.Error("other numbers make the same picture")
	}
}

// Whatever is missing or too long is drawn all the same.
func TestPictureOfLittleAndOfMuch(t *testing.T) {
	t.Parallel()
	drawn(t, Picture{})
	empty := story()
	empty.Rows, empty.Columns.Stacks = nil, []Stack{{"stayed", Good, make([]int, 13)}}
	if path := os.Getenv("CHART"); path != "" {
		_ = os.WriteFile(path+"-empty.png", drawn(t, empty), 0o600)
	}
	long := story()
	long.Title, long.Rows[0].Words = strings.Repeat("a long name ", 20), strings.Repeat("word ", 50)
	long.Figures[0].Value, long.Columns.Stacks[0].Counts[3] = strings.Repeat("9", 60), 123_456
	long.Columns.Labels[1] = strings.Repeat("w", 50)
	if path := os.Getenv("CHART"); path != "" {
		_ = os.WriteFile(path+"-long.png", drawn(t, long), 0o600)
	}
}

func drawn(t *testing.T, p Picture) []byte {
	t.Helper()
	data, err := PNG(p)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := png.Decode(bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	return data
}

func BenchmarkPNG(b *testing.B) {
	for b.Loop() {
		if _, err := PNG(story()); err != nil {
			b.Fatal(err)
		}
	}
}
