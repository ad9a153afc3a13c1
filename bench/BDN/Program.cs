using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using GameStack.Bench.Benchmarks;
using GameStack.Tests.Support;

// In this process: BenchmarkDotNet would otherwise build a project of its own, without our lock files.
var config = DefaultConfig.Instance
    .AddJob(Job.ShortRun.WithIterationCount(5).WithToolchain(InProcessEmitToolchain.Instance))
    .AddDiagnoser(MemoryDiagnoser.Default)
    .HideColumns(Column.Error, Column.RatioSD)
    .WithOptions(ConfigOptions.JoinSummary | ConfigOptions.DisableLogFile)
    .WithArtifactsPath(Path.Combine(Repository.Root, "artifacts", "benchmarks"));
BenchmarkSwitcher.FromAssembly(typeof(ScriptBenchmarks).Assembly).Run(args is [] ? ["--filter", "*"] : args, config);
