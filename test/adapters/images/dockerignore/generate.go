// Writes matches.jsonl: the paths, then .dockerignore files, and which of these github.com/moby/patternmatcher leaves out of a build context by them,
// walked from its root as the clients of the builders do.
//
// After a change, in this folder: go run . > matches.jsonl
package main

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"path"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

type row struct {
	Patterns string   `json:"patterns"`
	Refused  bool     `json:"refused,omitempty"`
	Ignored  []string `json:"ignored"`
}

var curated = []string{
	"**.pem", "**.env", "**", "**/", "**/*", "*", "*/*", "***", "****", "**/**", "a**", "a/**", "**/a", "**a", "**a/b", "**/a/b", "a/**/c",
	"a/*/c", "a/**/", "**/.*", "*.pem", "?", "??", "a?b", "[ab]", "[^a]", "[a-c].txt", "[]a]", "[a", "[z-a]", "[^]", "[-a]", "[a-]", "a\\", "\\*", "\\a", "\\d", "a\\/b",
	"a]", "a$", "^a", "a.c", "a+b", "a|b", "(a)", "a{2}", "{a,b}", "/a", "//a", "/", "!/", "!", "!!a", "./a", "a/", "a//b", "../a", "a/../b", ".", "./", "/!a",
	"a\n!a/b", "*\n!a", "*\n!a/b", "*\n!**/keep", "**\n!**/*.md", "*.md\n!README.md", "*.md\n!README*.md\nREADME-secret.md", "a*\n!a/b\na", "a\n!a/b\na/b/c",
	"# a\na", " # a", "#", "\n\n  a  \n", "a\r\nb\r\n", "\ufeffa", "! a", "a b", "ä*", "**/ä", "日本/**", "node_modules", "**/node_modules", "**/node_modules/**", "**.env*", "**/*.log\n!important.log",
	"**/*.test.*", "src/**/*.ts\n!src/keep/**", ".git", ".*", "**/.git", "*/b", "*/b/*", "a/b", "a/b/c/d", "**/b/**/d", "[a-z]*/**", "**[ab]", "**?", "**\\a", "a**b", "a**/b", "**/a**",
}

var paths = []string{
	"a", "b", "c", "a/b", "a/c", "a/b/c", "a/b/c/d", "a/x/c", "a/x/y/c", "b/a", "b/a/b", "x/a/b/c/d", "keep", "a/keep", "a/b/keep", "key.pem", "certs/key.pem", "a/b/prod.env", "prod.env",
	".env", "a/.env", ".env.local", "x.pem.txt", ".git/config", "sub/.git/config", ".hidden", "README.md", "README-secret.md", "docs/README.md", "a.txt", "b.txt", "d.txt", "a.c", "abc", "axb", "a+b", "a|b",
	"(a)", "aa", "a{2}", "a$", "^a", "a]", "[a", "*", "\\*", "1", "a b", "ä", "x/ä", "äb", "日本/x", "node_modules/x/y", "p/node_modules/x", "node_modules2/x", "x.log", "logs/x.log", "important.log",
	"src/a.ts", "src/x/a.ts", "src/keep/a.ts", "src/x.test.ts", "a.test.js", "-", "!a", "#", "# a", "ab", "aab", "a/ab", "xab/b",
}

var pieces = []string{"a", "b", "c", "*", "**", "**/", "/", "/", "?", ".", ".env", "[ab]", "[^a]", "keep", "\\", "key.pem", "x", "src", "*.ts", "ä", "+", "("}

func random(r *rand.Rand) string {
	var lines []string
	for n := r.Intn(4) + 1; n > 0; n-- {
		line := ""
		if r.Intn(3) == 0 && len(lines) > 0 {
			line = "!"
		}
		for m := r.Intn(5) + 1; m > 0; m-- {
			line += pieces[r.Intn(len(pieces))]
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// ignored tells whether the path is left out, with what is known of the folders around it.
func ignored(matcher *patternmatcher.PatternMatcher, file string) (bool, patternmatcher.MatchInfo, error) {
	parent := patternmatcher.MatchInfo{}
	if folder := path.Dir(file); folder != "." {
		_, info, err := ignored(matcher, folder)
		if err != nil {
			return false, info, err
		}
		parent = info
	}
	return matcher.MatchesUsingParentResults(file, parent)
}

func match(text string) row {
	refused := row{Patterns: text, Refused: true, Ignored: []string{}}
	lines, err := ignorefile.ReadAll(strings.NewReader(text))
	if err != nil {
		return refused
	}
	matcher, err := patternmatcher.New(lines)
	if err != nil {
		return refused
	}
	found := row{Patterns: text, Ignored: []string{}}
	for _, file := range paths {
		is, _, err := ignored(matcher, file)
		if err != nil {
			return refused
		}
		if is {
			found.Ignored = append(found.Ignored, file)
		}
	}
	return found
}

func main() {
	r := rand.New(rand.NewSource(10))
	texts := curated
	for n := 0; n < 250; n++ {
		texts = append(texts, random(r))
	}
	print(map[string][]string{"paths": paths})
	for _, text := range texts {
		print(match(text))
	}
}

func print(value any) {
	line, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(line))
}
