import{j as a}from"./chunk-JWNEWXS2.js";import{o}from"./chunk-MG4J2EZT.js";function r({site:p}){return o("h2",{"data-site":p,children:a("tab_gaps")})}export{r as GapsPage};
