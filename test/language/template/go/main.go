// Command go prints what Go's text/template makes of a table of templates, as JSON: the expectations of
// render-template.test.ts. Run it with Go 1.26 from this folder: go run . > ../go-table.json
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/template"
)

type result struct {
	Template string  `json:"template"`
	Output   *string `json:"output,omitempty"`
	Error    string  `json:"error,omitempty"`
}

var values = map[string]any{
	"S": "x<y> & \"z\"", "N": 3, "F": 2.5, "T": true, "Nil": nil, "E": []any{}, "U": "héllo 世界",
	"L": []any{"a", "b", "c"}, "Mix": []any{"s", 1, 2.5, true, nil, map[string]any{"k": []any{1}}},
	"M": map[string]any{"b": 2, "a": 1, "n": nil},
}

// Each flag set, width, precision and verb with each operand, of which every eleventh is kept: the table stays small.
func printfs() []string {
	flags := []string{"", "+", "-", "#", " ", "0", "+0", "#0", "-0", "+#", "# ", " 0", "+ ", "-#"}
	sizes := []string{"", "8", ".0", ".3", "9.2", "12.5"}
	verbs := "sdvqtxXfFeEgc"
	operands := []string{`"aé\x60\"\n"`, `"tab\t"`, `""`, "0", "5", "-255", "1.5", "-2.5e-7", "1e21", "100000.0", "0.0", "1e5", "123456.789", "true", ".Nil", ".Mix", ".M", ".E", ".U", "8364"}
	var all []string
	at := 0
	for _, flag := range flags {
		for _, size := range sizes {
			for _, verb := range verbs {
				for _, operand := range operands {
					at++
					if at%11 != 0 || (verb == 'v' && strings.Contains(flag, "#")) {
						continue
					}
					all = append(all, fmt.Sprintf(`{{printf "[%%%s%s%c]" %s}}`, flag, size, verb, operand))
				}
			}
		}
	}
	return append(all, `{{printf "%d"}}`, `{{printf "%d %s" 1}}`, `{{printf "x" 1 .Nil "a" 2.5}}`, `{{printf "%"}}`, `{{printf "%5"}}`, `{{printf "100%% %d" 3}}`, `{{printf "%5d|%-5d|%05d" 3 3 -3}}`, `{{printf "%6.2f|%-8.3e|%g" 3.14159 31415.9 1e-7}}`)
}

func calls() []string {
	var all []string
	for _, name := range []string{"print", "println", "html", "js", "urlquery"} {
		for _, arguments := range []string{"", ".S", ".N", ".F", ".Nil", ".L", ".Mix", ".M", ".U", `"a" "b"`, `1 2`, `"a" 1 2 "b" 3`, `1 .Nil true`, `"\x00\n\t\\'=!*()~"`, `.S .U`} {
			all = append(all, fmt.Sprintf("[{{%s %s}}]", name, arguments))
		}
		all = append(all, fmt.Sprintf("[{{.S | %s}}]", name))
	}
	for _, arguments := range []string{"", ".L", ".L 1", ".L 1 2", ".L 0 3", ".L 3", ".L 4", ".L 2 1", ".L -1", ".L 0 1 2", ".L 0 2 1", ".S 2 4", ".S 1", ".S 0 99", ".S 0 1 2", ".N 1", ".M 1", ".E", ".E 0 0", `.L "a"`, ".L 1.5"} {
		all = append(all, fmt.Sprintf("[{{slice %s}}]", arguments))
	}
	return all
}

var blocks = []string{
	`{{define "x"}}<{{.}}>{{end}}{{template "x" .N}}{{template "x" .L}}{{template "x"}}`,
	`{{template "x" .}}{{define "x"}}later {{.N}} {{$.F}}{{end}}`,
	`{{define "x"}}{{$.N}}{{end}}{{with .M}}{{template "x" $}}{{end}}`,
	`{{$v := 1}}{{define "x"}}{{$v}}{{end}}`,
	`{{define "x"}}a{{end}}{{define "x"}}b{{end}}`,
	`{{define "x"}} {{end}}{{define "x"}}b{{end}}{{template "x"}}`,
	`{{define "x"}}b{{end}}{{define "x"}} {{end}}{{template "x"}}`,
	"{{define `x`}}raw{{end}}{{template `x`}}",
	`{{define x}}a{{end}}`, `{{define "x" .}}a{{end}}`, `{{define "x"}}a`, `{{define "x"}}a{{else}}b{{end}}`,
	`{{if .T}}{{define "x"}}a{{end}}{{end}}`, `{{template "none"}}`, `{{if .E}}{{template "none"}}{{end}}ok`,
	`{{template}}`, `{{template "x" . .}}`, `{{template .S}}`, `{{template "x" | print}}`,
	`{{block "b" .L}}{{range .}}{{.}},{{end}}{{end}}|{{template "b" .E}}`,
	`{{range .L}}{{block "i" .}}({{.}}){{end}}{{end}}`,
	`{{block "b"}}x{{end}}`, `{{block "b" .}}x`, `{{block "b" .N}}{{block "c" .}}{{.}}{{end}}{{end}}{{template "c" 7}}`,
	`{{define "down"}}{{if gt . 0}}{{.}} {{template "down" (index $ 0)}}{{end}}{{end}}{{template "down" 0}}.`,
	`{{define "list"}}{{range $i, $e := .}}{{if $i}}, {{end}}{{$e}}{{end}}{{end}}{{template "list" .L}}; {{template "list" .M}}`,
	`{{range .L}}{{if eq . "b"}}{{break}}{{end}}{{.}}{{end}}`,
	`{{range .L}}{{if eq . "b"}}{{continue}}{{end}}{{.}}{{end}}`,
	`{{range .L}}{{break}}{{else}}none{{end}}.`, `{{range .E}}{{break}}{{else}}none{{end}}.`,
	`{{range .L}}{{$x := .}}{{range $.L}}{{if eq . $x}}{{break}}{{end}}{{.}}{{end}};{{end}}`,
	`{{range .L}}{{with .}}{{if eq . "a"}}{{continue}}{{end}}{{.}}{{end}}!{{end}}`,
	`{{break}}`, `{{continue}}`, `{{if .T}}{{break}}{{end}}`, `{{range .L}}{{break 1}}{{end}}`,
	`{{range .E}}x{{else}}{{break}}{{end}}`, `{{range .L}}{{range $.E}}{{else}}{{break}}{{end}}{{.}}{{end}}`,
	`{{range .L}}{{block "z" .}}{{break}}{{end}}{{end}}`,
	`{{range 3}}{{.}}{{end}}`, `{{range .N}}{{.}},{{end}}`, `{{range $i := 3}}{{$i}}{{.}} {{end}}`,
	`{{range $i, $v := 3}}{{$i}}{{end}}`, `{{range 0}}x{{else}}none{{end}}`, `{{range -2}}x{{else}}none{{end}}`,
	`{{range $i, $v := .L}}{{if gt $i 1}}{{break}}{{end}}{{$i}}{{$v}}{{end}}`, `{{range 2.5}}x{{end}}`, `{{range .T}}x{{end}}`,
	`{{range $i := .N}}{{range $j := $i}}{{$i}}{{$j}} {{end}}{{end}}`, `{{range 5}}{{if eq . 3}}{{break}}{{end}}{{.}}{{end}}`,
	`{{$x := 0}}{{range 4}}{{$x = .}}{{end}}{{$x}}`, `{{range .Nil}}x{{else}}none{{end}}`,
	`{{with $x := .N}}{{$x}}{{else with .F}}{{.}}{{end}}`, `{{with .Nil}}a{{else with .F}}{{.}}{{else}}c{{end}}`,
	`{{print (slice .L 1)}} {{len (slice .U 0 3)}} {{index (slice .L 1 3) 0}}`, `{{.L | len | printf "%03d"}}`,
	`{{printf "%s=%v" "a" 1 | html | printf "<%s>"}}`, `{{"a b&c" | urlquery}}`, `{{js "it's </script>"}}`,
}

func main() {
	var results []result
	for _, source := range append(append(printfs(), calls()...), blocks...) {
		one := result{Template: source}
		var out strings.Builder
		parsed, err := template.New("t").Option("missingkey=error").Parse(source)
		if err == nil {
			err = parsed.Execute(&out, values)
		}
		if err != nil {
			one.Error = err.Error()
		} else {
			text := out.String()
			one.Output = &text
		}
		results = append(results, one)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(map[string]any{"values": values, "cases": results}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
