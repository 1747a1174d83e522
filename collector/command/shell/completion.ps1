# Completion of stocktake for PowerShell 5.1 and newer.
#
# For this shell:  stocktake completion powershell | Out-String | Invoke-Expression
# For every shell: put that line into the file that $PROFILE names

Register-ArgumentCompleter -Native -CommandName stocktake -ScriptBlock {
    param($typed, $ast, $cursor)
    $words = @($ast.CommandElements |
        Where-Object { $_.Extent.StartOffset -lt $cursor } |
        ForEach-Object { $_.ToString().Trim('"', "'") })
    $program, $words = $words
    # An empty argument would be lost on the way to a program.
    $ask = if ($typed -eq '') { '__complete_next' } else { '__complete' }
    $lines = @(& $program $ask @words 2>$null)
    if ($lines.Count -lt 2) { return }
    foreach ($line in $lines[0..($lines.Count - 2)]) {
        $value, $text = $line -split "`t", 2
        if (-not $text) { $text = $value }
        $written = $value
        if ($written -match '[\s{}()@;&|<>$`"'',#]') { $written = "'" + $written.Replace("'", "''") + "'" }
        [System.Management.Automation.CompletionResult]::new($written, $value, 'ParameterValue', $text)
    }
}
